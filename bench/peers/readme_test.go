package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReplaceBlock(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", blockBegin + "new\n" + blockEnd},
		{"no marks", "# Title\n", "# Title\n\n" + blockBegin + "new\n" + blockEnd},
		{"replaced", "a\n" + blockBegin + "old\n|x|\n" + blockEnd + "b\n", "a\n" + blockBegin + "new\n" + blockEnd + "b\n"},
		{"empty block", blockBegin + blockEnd, blockBegin + "new\n" + blockEnd},
		{"not closed", "a\n" + blockBegin + "old\n", ""},
		{"not begun", "a\n" + blockEnd, ""},
		{"the wrong way round", blockEnd + blockBegin, ""},
		{"twice", blockBegin + blockEnd + blockBegin + blockEnd, ""},
	} {
		got, err := replaceBlock(c.text, "new\n")
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

// FuzzReplaceBlock: what is around the block stays, and of two blocks the second
// counts.
func FuzzReplaceBlock(f *testing.F) {
	f.Add("# Title\n", "old\n", "new\n")
	f.Add("", "", "")
	f.Add("no end of line", "|a|b|\n", "\n\n")
	f.Add("a\n"+blockBegin+blockEnd+"b", "x\n", "y\n")
	f.Fuzz(func(t *testing.T, text, first, second string) {
		if strings.Contains(first+second, "<!--") {
			return
		}
		once, err := replaceBlock(text, first)
		if err != nil {
			return
		}
		if !strings.Contains(once, blockBegin+first+blockEnd) {
			t.Errorf("the block is not in %q", once)
		}
		before, _, marked := strings.Cut(text, blockBegin)
		_, after, _ := strings.Cut(text, blockEnd)
		if !strings.HasPrefix(once, before) || marked && !strings.HasSuffix(once, after) {
			t.Errorf("%q became %q", text, once)
		}
		twice, err := replaceBlock(once, second)
		if err != nil {
			t.Fatal(err)
		}
		if direct, _ := replaceBlock(text, second); twice != direct {
			t.Errorf("%q, not %q", twice, direct)
		}
	})
}

func TestWriteBlock(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	if err := writeBlock(file, "x\n"); err == nil {
		t.Error("a file that is not there was written")
	}
	for _, text := range []string{"# Title\n", blockBegin} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := writeBlock(file, "x\n")
		got, _ := os.ReadFile(file)
		want, wrong := replaceBlock(text, "x\n")
		if wrong != nil {
			want = text // what cannot be replaced is left alone
		}
		if string(got) != want || (err == nil) != (wrong == nil) {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	}
}
