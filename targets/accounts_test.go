package targets

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadAccounts(t *testing.T) {
	two := []Account{{"1", "abc"}, {"2", "d-e.f_"}}
	for name, text := range map[string]string{
		"plain":                   "1,abc\n2,d-e.f_\n",
		"no last newline":         "1,abc\n2,d-e.f_",
		"header":                  "id,token\n1,abc\n2,d-e.f_\n",
		"header in capitals":      "ID , Token\n1,abc\n2,d-e.f_\n",
		"CRLF":                    "id,token\r\n1,abc\r\n2,d-e.f_\r\n",
		"byte order mark, header": "\ufeffid,token\n1,abc\n2,d-e.f_\n",
		"byte order mark":         "\ufeff1,abc\n2,d-e.f_\n",
		"quotes":                  "\"id\",\"token\"\n\"1\",\"abc\"\n2,\"d-e.f_\"\n",
		"spaces":                  " 1 , abc \n\t2,\td-e.f_\t\n",
		"blank lines, comments":   "# staging\n\nid,token\n\n1,abc\n# the second\n2,d-e.f_\n\n",
	} {
		got, err := ReadAccounts(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(two, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Every mistake names its line, and none what stands there: it may be a token.
func TestReadAccountsMistakes(t *testing.T) {
	const odd = ": an id or token is empty, or has characters that no id or token has"
	for text, want := range map[string]string{
		"":                               "no accounts; want lines of id,token",
		"\ufeff":                         "no accounts; want lines of id,token",
		"id,token\n":                     "no accounts; want lines of id,token",
		"# 1,secret\n\n":                 "no accounts; want lines of id,token",
		"1,secret\n2\n":                  "line 2: want two fields, id,token, and not 1",
		"1,secret\n\n# x\n2,secret,c\n":  "line 4: want two fields, id,token, and not 3",
		"secret\n":                       "line 1: want two fields, id,token, and not 1",
		"1,\n":                           "line 1" + odd,
		"1,secret\n,secret\n":            "line 2" + odd,
		"1,sec ret\n":                    "line 1" + odd,
		"1,sécret\n":                     "line 1" + odd,
		"1,secret\x00\n":                 "line 1" + odd,
		"1,\"secret\nsecret\"\n":         "line 1" + odd,
		"1/secret,secret\n":              "line 1" + odd,
		"a?secret,secret\n":              "line 1" + odd,
		"a#secret,secret\n":              "line 1" + odd,
		"a%20secret,secret\n":            "line 1" + odd,
		"1,secret\nid,token\n2,sec\tx\n": "line 3" + odd,                                             // there, "id" is somebody
		"1,\"secret\n2,b\n":              `line 1: not CSV: extraneous or missing " in quoted-field`, // where the quote begins
		"1,b\n2,sec\"ret\n":              `line 2: not CSV: bare " in non-quoted-field`,
		"1,\"sec\"ret\n":                 `line 1: not CSV: extraneous or missing " in quoted-field`,
	} {
		got, err := ReadAccounts(strings.NewReader(text))
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v %v, want %s", text, got, err, want)
		}
	}
	if _, err := ReadAccounts(io.MultiReader(strings.NewReader("1,secret\n2,"), torn{})); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a file that breaks off: %v", err)
	}
}

// A torn is a reader that breaks off.
type torn struct{}

func (torn) Read([]byte) (int, error) { return 0, fs.ErrPermission }

func TestLoadAccounts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "accounts.csv")
	if _, err := LoadAccounts(file); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), file) {
		t.Errorf("no file: %v", err)
	}
	for text, want := range map[string]string{"id,token\n7,t\n": "[{7 t}] <nil>", "7\n": "[] " + file + ": line 1: want two fields, id,token, and not 1"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := LoadAccounts(file)
		if said := fmt.Sprint(got, err); said != want {
			t.Errorf("%q: %s, want %s", text, said, want)
		}
	}
}

// Whatever is read can stand in a path and a header, and reads back from CSV. No
// error shows what was in the file.
func FuzzReadAccounts(f *testing.F) {
	f.Add("id,token\r\n1,abc\r\n2,\"d\"\r\n")
	f.Add("\ufeff# x\n1,zzzzzzzz\n\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ReadAccounts(strings.NewReader(text))
		if err != nil {
			for _, field := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",\r\n\" \t", r) }) {
				if len(field) > 16 && strings.Contains(err.Error(), field) && !strings.Contains(field, "quoted-field") && !strings.Contains(field, "non-quoted") {
					t.Fatalf("the error shows %q: %v", field, err)
				}
			}
			if strings.ContainsAny(err.Error(), "\n\r") || len(err.Error()) > 100 {
				t.Fatalf("the error is no short line: %q", err)
			}
			return
		}
		var csv strings.Builder
		csv.WriteString("id,token\n")
		for _, a := range all {
			if !headerSafe(a.ID) || !headerSafe(a.Token) || strings.ContainsAny(a.ID, "/?#%") {
				t.Fatalf("%q was read from %q", a, text)
			}
			quote := strings.NewReplacer(`"`, `""`)
			csv.WriteString(`"` + quote.Replace(a.ID) + `","` + quote.Replace(a.Token) + "\"\n")
		}
		again, err := ReadAccounts(strings.NewReader(csv.String()))
		if diff := cmp.Diff(all, again); err != nil || diff != "" && !strings.EqualFold(all[0].ID, "id") {
			t.Fatalf("read back: %v\n%s", err, diff)
		}
	})
}
