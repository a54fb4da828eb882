package runs

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func selftest(verdicts ...Verdict) *Selftest {
	s := &Selftest{
		At: time.Date(2027, 2, 14, 12, 0, 0, 0, time.UTC), Gameday: "0.1.0", Host: Host{"loadgen-1", "linux", "amd64", 2, "go1.26"},
	}
	for _, v := range verdicts {
		s.Checks = append(s.Checks, Check{Name: "memory", Asks: "How much?", Limit: "<= 1 MB", Got: "2 MB", Value: 2e6, Unit: "B", Verdict: v})
	}
	s.Conclude()
	return s
}

// Every mixture of verdicts: pass only if all pass, fail if any fails.
func TestConclude(t *testing.T) {
	for n := range 5 {
		for mixture := range 1 << (2 * n) {
			var all []Verdict
			counts := map[Verdict]int{}
			for i := range n {
				v := Verdict(mixture >> (2 * i) & 3) // 3 is no verdict
				all = append(all, v)
				counts[v]++
			}
			want := Unclear
			if counts[Fail] > 0 {
				want = Fail
			} else if n > 0 && counts[Pass] == n {
				want = Pass
			}
			if got := selftest(all...).Verdict; got != want {
				t.Errorf("%v come to %s, want %s", all, got, want)
			}
		}
	}
}

func TestSelftestFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := LoadSelftest(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing there: %v", err)
	}
	for _, v := range []Verdict{Pass, Fail, Unclear} {
		s := selftest(Pass, v)
		if err := s.Save(dir); err != nil {
			t.Fatal(err)
		}
		got, err := LoadSelftest(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, got); diff != "" {
			t.Error(diff)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left over: %v, %v", left, err)
	}
	if err := selftest(Pass).Save(filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("saved nowhere: %v", err)
	}
	var good bytes.Buffer
	if err := selftest(Pass, Fail).Write(&good); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"{", "", "not a selftest"}, {`"fail"`, `"perhaps"`, "want pass, fail or unclear"},
		{`"verdict": "fail",` + "\n  \"checks\"", `"verdict": "pass",` + "\n  \"checks\"", "the verdict is pass, but its checks come to fail"},
		{"loadgen-1", "", "no host"}, {good.String(), "{}", "no time"}, {good.String(), "", "not a selftest"},
	} {
		bad := strings.Replace(good.String(), c.old, c.new, 1)
		if bad == good.String() {
			t.Fatalf("%q is not in a selftest", c.old)
		}
		if err := os.WriteFile(filepath.Join(dir, SelftestFile), []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		if s, err := LoadSelftest(dir); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), SelftestFile) {
			t.Errorf("%q for %q: %+v, %v; want %s", c.new, c.old, s, err, c.want)
		}
	}
}

func TestSameHost(t *testing.T) {
	h := Host{"loadgen-1", "linux", "amd64", 2, "go1.26"}
	for _, c := range []struct {
		host Host
		same bool
	}{
		{h, true}, {Host{"loadgen-1", "linux", "amd64", 2, "go1.27"}, true}, {Host{"loadgen-2", "linux", "amd64", 2, "go1.26"}, false},
		{Host{"loadgen-1", "darwin", "amd64", 2, "go1.26"}, false}, {Host{"loadgen-1", "linux", "arm64", 2, "go1.26"}, false},
		{Host{"loadgen-1", "linux", "amd64", 4, "go1.26"}, false},
	} {
		if h.Same(c.host) != c.same || c.host.Same(h) != c.same {
			t.Errorf("%+v is the same: %t", c.host, !c.same)
		}
	}
}
