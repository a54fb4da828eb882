package main

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// A program is what is installed for a tool: of a Debian package, a Go module at
// one version, a repository at one commit, or, if it is of none, gameday itself.
type program struct {
	name       string
	deb        string // the Debian package
	module     string // the path of the module, whose root is the command
	repository string // the address of the repository, in which "make" makes it
	made       string // how the repository calls it
	needs      string // Debian packages it is made with
	version    string // of the module; the commit of the repository
}

// installed is where a program is, and which.
type installed struct {
	path    string
	version string
}

// A shop installs programs. What it built itself stays in the user's cache.
type shop struct {
	root     string // gameday's sources
	work     string
	progress func(format string, args ...any)
	updated  bool // the list of Debian's packages
}

// get returns a program, installed if it was not there.
func (s *shop) get(ctx context.Context, p program) (installed, error) {
	switch {
	case p.deb != "":
		return s.debian(ctx, p)
	case p.module != "":
		return s.module(ctx, p)
	case p.repository != "":
		return s.source(ctx, p)
	}
	path := filepath.Join(s.work, p.name)
	s.progress("building %s", p.name)
	if err := output(ctx, s.root, "go", "build", "-o", path, "."); err != nil {
		return installed{}, fmt.Errorf("building gameday: %w", err)
	}
	commit, err := exec.CommandContext(ctx, "git", "-C", s.root, "describe", "--always", "--dirty").Output()
	if err != nil {
		return installed{path, "of an unknown commit"}, nil
	}
	return installed{path, strings.TrimSpace(string(commit))}, nil
}

func (s *shop) debian(ctx context.Context, p program) (installed, error) {
	path, err := look(p.name)
	if err != nil {
		if err := s.packages(ctx, p.deb); err != nil {
			return installed{}, err
		}
		if path, err = look(p.name); err != nil {
			return installed{}, fmt.Errorf("installing %s: %w", p.deb, err)
		}
	}
	version, err := exec.CommandContext(ctx, "dpkg-query", "-W", "-f", "${Version}", p.deb).Output()
	if err != nil {
		return installed{path, "not of Debian's package"}, nil
	}
	return installed{path, string(version)}, nil
}

// packages installs Debian packages, parted by spaces.
func (s *shop) packages(ctx context.Context, names string) error {
	s.progress("installing %s", names)
	if !s.updated {
		if err := output(ctx, s.work, "apt-get", "update", "-qq"); err != nil {
			return fmt.Errorf("updating the list of packages: %w", err)
		}
		s.updated = true
	}
	install := []string{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends"}
	if err := output(ctx, s.work, append(install, strings.Fields(names)...)...); err != nil {
		return fmt.Errorf("installing %s: %w", names, err)
	}
	return nil
}

// look finds a program where users look and where administrators do.
func look(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		if path, missing := exec.LookPath(filepath.Join("/usr/sbin", name)); missing == nil {
			return path, nil
		}
	}
	return path, err
}

// module builds a command in a module of its own, which asks for nothing but that
// version: "go install" also wants a list of all versions, which not every proxy has.
func (s *shop) module(ctx context.Context, p program) (installed, error) {
	dir, err := p.cache()
	if err != nil {
		return installed{}, err
	}
	path := filepath.Join(dir, p.name)
	info, err := buildinfo.ReadFile(path)
	if err == nil && info.GoVersion == runtime.Version() && info.Main.Version == p.version {
		return installed{path, p.version}, nil
	}
	s.progress("building %s %s", p.name, p.version)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return installed{}, fmt.Errorf("building %s: %w", p.name, err)
	}
	mod := fmt.Sprintf("module peer\n\ngo 1.26\n\nrequire %s %s\n", p.module, p.version)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o644); err != nil {
		return installed{}, fmt.Errorf("building %s: %w", p.name, err)
	}
	if err := output(ctx, dir, "go", "build", "-mod=mod", "-o", path, p.module); err != nil {
		return installed{}, fmt.Errorf("building %s %s: %w", p.name, p.version, err)
	}
	return installed{path, p.version}, nil
}

// source makes a program in its repository.
func (s *shop) source(ctx context.Context, p program) (installed, error) {
	dir, err := p.cache()
	if err != nil {
		return installed{}, err
	}
	got := installed{filepath.Join(dir, p.made), p.version[:7]}
	if _, err := exec.LookPath(got.path); err == nil {
		return got, nil
	}
	if err := s.packages(ctx, p.needs); err != nil {
		return installed{}, err
	}
	s.progress("making %s %s", p.name, got.version)
	// What an interrupted attempt left is no repository.
	if err := os.RemoveAll(dir); err != nil {
		return installed{}, fmt.Errorf("making %s: %w", p.name, err)
	}
	for _, command := range [][]string{
		{"git", "clone", "-q", p.repository, dir},
		{"git", "-C", dir, "checkout", "-q", p.version},
		{"make", "-C", dir},
	} {
		if err := output(ctx, s.work, command...); err != nil {
			return installed{}, fmt.Errorf("making %s %s: %w", p.name, got.version, err)
		}
	}
	return got, nil
}

// cache is the folder of the user's cache in which the program is built.
func (p program) cache() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("looking for the cache: %w", err)
	}
	return filepath.Join(cache, "gameday-peers", p.name+"@"+p.version), nil
}

// output runs a command in dir. Its error has the last line that it wrote.
func output(ctx context.Context, dir string, command ...string) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = dir
	apart(cmd)
	cmd.Cancel = func() error { return signalGroup(cmd, kill) }
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if line := lastLine(out); line != "" {
		return errors.New(line)
	}
	return err
}

// lastLine is the last line with something on it.
func lastLine(out []byte) string {
	text := strings.TrimSpace(string(out))
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}
