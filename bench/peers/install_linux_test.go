package main

import (
	"debug/buildinfo"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testShop is a shop in which only those programs can be called that are given as
// shell scripts.
func testShop(t *testing.T, scripts map[string]string) *shop {
	t.Helper()
	bin := t.TempDir()
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	return &shop{root: t.TempDir(), work: t.TempDir(), progress: func(format string, args ...any) { t.Logf(format, args...) }}
}

// env of coreutils runs what follows the settings.
const env = `shift; exec "$@"`

func TestGetDebian(t *testing.T) {
	p := program{name: "no-such-tool", deb: "no-such-package"}
	for _, c := range []struct{ name, apt, query, version, says string }{
		{"installed", `test "$1" = update || { printf '#!/bin/sh\n' >${0%/*}/no-such-tool; /bin/chmod +x ${0%/*}/no-such-tool; }`, "echo -n 1.2-3", "1.2-3", ""},
		{"no package", `test "$1" = update || { echo E: Unable to locate package >&2; exit 100; }`, "exit 1", "", "installing no-such-package: E: Unable to locate package"},
		{"no network", "echo E: no network; exit 100", "exit 1", "", "updating the list of packages: E: no network"},
		{"a package without it", "exit 0", "exit 1", "", "not found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := testShop(t, map[string]string{"apt-get": c.apt, "dpkg-query": c.query, "env": env})
			got, err := s.get(t.Context(), p)
			switch {
			case c.says == "" && (err != nil || got.version != c.version || filepath.Base(got.path) != p.name):
				t.Errorf("%+v, %v", got, err)
			case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
				t.Errorf("%v, want %s", err, c.says)
			}
		})
	}
}

// TestGetThere: what is there is not installed, whoever it is of.
func TestGetThere(t *testing.T) {
	s := testShop(t, map[string]string{"wrk": "", "dpkg-query": "exit 1"})
	got, err := s.get(t.Context(), wrk.program)
	if err != nil || got.version != "not of Debian's package" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestGetModule: the build asks for the version and for nothing else, and what it
// says last is why it failed.
func TestGetModule(t *testing.T) {
	s := testShop(t, map[string]string{"go": "echo $@; echo 'hey: 403 Forbidden' >&2; exit 1"})
	_, err := s.get(t.Context(), hey.program)
	if err == nil || !strings.Contains(err.Error(), "building hey v0.1.5: hey: 403 Forbidden") {
		t.Errorf("%v", err)
	}
	mod, err := os.ReadFile(filepath.Join(os.Getenv("XDG_CACHE_HOME"), "gameday-peers", "hey@v0.1.5", "go.mod"))
	if err != nil || !strings.Contains(string(mod), "require github.com/rakyll/hey v0.1.5\n") {
		t.Errorf("%s, %v", mod, err)
	}
}

// TestGetModuleCached: the command that is there is built anew only if it is not
// of that version and this Go. The test itself is a command, of another module.
func TestGetModuleCached(t *testing.T) {
	s := testShop(t, map[string]string{"go": "exit 7"})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		version string
		cached  bool
	}{{info.Main.Version, true}, {"v9.9.9", false}} {
		dir := filepath.Join(os.Getenv("XDG_CACHE_HOME"), "gameday-peers", "self@"+c.version)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "self"), text, 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := s.get(t.Context(), program{name: "self", module: "gameday", version: c.version})
		if (err == nil) != c.cached {
			t.Errorf("%q: %v", c.version, err)
		}
	}
}

// TestGetSource: a repository is cloned and made once, at its commit, and again if
// an attempt was broken off.
func TestGetSource(t *testing.T) {
	p := program{name: "tool2", made: "tool", repository: "https://example.org/tool2", needs: "liba libb", version: "0123456789"}
	const (
		git = `case $1 in clone) /bin/mkdir -p $4 ;; *) test "$3 $5" = "checkout 0123456789" ;; esac`
		mak = `printf '#!/bin/sh\n' >$2/tool; /bin/chmod +x $2/tool`
	)
	for _, c := range []struct{ name, apt, git, make, says string }{
		{"made", `test "$1" = update || test "$5 $6" = "liba libb"`, git, mak, ""},
		{"no network", "exit 0", "echo Could not resolve host; exit 128", mak, "making tool2 0123456: Could not resolve host"},
		{"no such commit", "exit 0", `test $1 = clone`, mak, "making tool2 0123456: exit status 1"},
		{"a compiler's error", "exit 0", git, "echo tool.c:1: nonsense; exit 2", "making tool2 0123456: tool.c:1: nonsense"},
		{"no package", `test "$1" = update`, git, mak, "installing liba libb: exit status 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := testShop(t, map[string]string{"apt-get": c.apt, "env": env, "git": c.git, "make": c.make})
			half := filepath.Join(os.Getenv("XDG_CACHE_HOME"), "gameday-peers", "tool2@0123456789", "half")
			if err := os.MkdirAll(half, 0o700); err != nil {
				t.Fatal(err)
			}
			got, err := s.get(t.Context(), p)
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%v, want %s", err, c.says)
				}
				return
			}
			if err != nil || got.version != "0123456" || filepath.Base(got.path) != "tool" {
				t.Fatalf("%+v, %v", got, err)
			}
			if _, err := os.Stat(half); !os.IsNotExist(err) {
				t.Errorf("what was left is still there: %v", err)
			}
			t.Setenv("PATH", t.TempDir())
			if again, err := s.get(t.Context(), p); err != nil || again != got {
				t.Errorf("again: %+v, %v", again, err)
			}
		})
	}
}

func TestGetGameday(t *testing.T) {
	s := testShop(t, map[string]string{"go": "exit 0", "git": "echo abc-dirty"})
	got, err := s.get(t.Context(), gameday.program)
	if err != nil || got.version != "abc-dirty" || filepath.Dir(got.path) != s.work {
		t.Errorf("%+v, %v", got, err)
	}
	s = testShop(t, map[string]string{"go": "echo main.go:1: nonsense; exit 1"})
	if _, err := s.get(t.Context(), gameday.program); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("%v", err)
	}
}
