package targets

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// An Account is somebody who can sign in.
type Account struct {
	ID    string // on the target; opaque
	Token string // bearer token; a secret
}

const byteOrderMark = "\ufeff"

// LoadAccounts reads a CSV file of id,token, the most popular account first. A
// first line that says just that is skipped.
func LoadAccounts(file string) ([]Account, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading the accounts: %w", err)
	}
	defer f.Close()
	all, err := ReadAccounts(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return all, nil
}

// ReadAccounts reads what LoadAccounts does. An error names the line, and never
// what stands in it: that may be a token.
func ReadAccounts(from io.Reader) ([]Account, error) {
	text := bufio.NewReader(from)
	if start, err := text.Peek(len(byteOrderMark)); err == nil && string(start) == byteOrderMark {
		text.Discard(len(byteOrderMark)) // spreadsheets put it before what they export
	}
	in := csv.NewReader(text)
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace = true
	in.Comment = '#'
	var all []Account
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if at, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, fmt.Errorf("line %d: not CSV: %w", at.StartLine, at.Err)
		}
		if err != nil {
			return nil, err
		}
		for i, f := range fields {
			fields[i] = strings.TrimSpace(f)
		}
		line, _ := in.FieldPos(0)
		if len(all) == 0 && len(fields) == 2 && strings.EqualFold(fields[0], "id") && strings.EqualFold(fields[1], "token") {
			continue
		}
		if len(fields) != 2 {
			return nil, fmt.Errorf("line %d: want two fields, id,token, and not %d", line, len(fields))
		}
		a := Account{fields[0], fields[1]}
		if !headerSafe(a.ID) || !headerSafe(a.Token) || strings.ContainsAny(a.ID, "/?#%") {
			return nil, fmt.Errorf("line %d: an id or token is empty, or has characters that no id or token has", line)
		}
		all = append(all, a)
	}
	if len(all) == 0 {
		return nil, errors.New("no accounts; want lines of id,token")
	}
	return all, nil
}

// headerSafe reports whether s can stand in a header or a path: printable ASCII
// without spaces.
func headerSafe(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}
