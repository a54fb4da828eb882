package timeline

import (
	"strconv"
	"strings"
	"testing"
)

func TestTokenNamesItsOwner(t *testing.T) {
	s := start(t, Options{Accounts: 500, Seed: 7})
	seen := make(map[string]bool)
	for id := 1; id <= 500; id++ {
		token := Token(7, id)
		if got := s.tokenOwner(token); got != int32(id) {
			t.Errorf("token %s of account %d belongs to %d", token, id, got)
		}
		_, tail, _ := strings.Cut(token, "-")
		if seen[tail] {
			t.Errorf("tail %s is used twice", tail)
		}
		seen[tail] = true
	}
	good := Token(7, 12)
	for _, wrong := range []string{
		"", "-", "12", "12-", good + "0", good[:len(good)-1], strings.ToUpper(good), " " + good, "0" + good, "+" + good,
		Token(8, 12), Token(7, 0), Token(7, 501), Token(7, -1), "13" + good[2:],
		strconv.Itoa(1<<32+12) + good[2:], "99999999999999999999" + good[2:],
	} {
		if wrong != good && s.tokenOwner(wrong) != 0 {
			t.Errorf("token %q belongs to %d", wrong, s.tokenOwner(wrong))
		}
	}
}

func TestTokenOwnerDoesNotAllocate(t *testing.T) {
	s := start(t, Options{Accounts: 10})
	token := Token(0, 5)
	if n := testing.AllocsPerRun(100, func() { s.tokenOwner(token) }); n != 0 {
		t.Errorf("finding a token's owner allocates %v times", n)
	}
}

func FuzzToken(f *testing.F) {
	s := start(f, Options{Accounts: 100, Seed: 9})
	f.Add(Token(9, 1))
	f.Add("1-0123456789abcdef")
	f.Add("-")
	f.Fuzz(func(t *testing.T, token string) {
		if id := s.tokenOwner(token); id != 0 && token != Token(9, int(id)) {
			t.Errorf("token %q is taken for that of account %d", token, id)
		}
	})
}
