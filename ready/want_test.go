package ready

import (
	"strings"
	"testing"
)

func TestWant(t *testing.T) {
	for _, c := range []struct {
		want, value string
		holds       bool
	}{
		{"<= 0.1", "0.1", true}, {"<= 0.1", "0.11", false}, {"<0.1", "0.1", false}, {"< 0.1", " 0.09\n", true},
		{">= 3", "3", true}, {">3", "3", false}, {"> 3", "1e3", true}, {"== 3", "3.0", true}, {"!= 3", "3.0", false}, {"!= 3", "4", true},
		{"== ready", "ready", true}, {"== ready", "ready\n", true}, {"== ready", "not ready", false}, {"!= red", "green", true}, {"!= red", "red", false},
		{"!= red", "", false}, {"== -1", "-1", true}, {"== >= 3", ">= 3", true},
	} {
		var w Want
		if err := w.UnmarshalText([]byte(c.want)); err != nil {
			t.Errorf("%s: %v", c.want, err)
			continue
		}
		if got, err := w.Holds(c.value); got != c.holds || err != nil {
			t.Errorf("%q %s: %v, %v; want %v", c.value, c.want, got, err, c.holds)
		}
	}
}

// What is no number neither holds nor fails where a number is wanted.
func TestWantCannotTell(t *testing.T) {
	for _, value := range []string{"", "NaN", "+Inf", "-Inf", "many", "1 2", "0x", "1e999"} {
		for _, compare := range []string{"<", "<=", ">", ">=", "==", "!="} {
			if got, err := (Want{compare, "1"}).Holds(value); got || err == nil {
				t.Errorf("%q %s 1: %v, %v", value, compare, got, err)
			}
		}
	}
	if got, err := (Want{}).Holds("1"); got || err == nil {
		t.Errorf("wanting nothing: %v, %v", got, err)
	}
}

func TestWantRefuses(t *testing.T) {
	for _, text := range []string{"", " ", "3", "= 3", "<=", "~ 3", "< ready", ">= NaN", "<= 1e999", "ready"} {
		var w Want
		if err := w.UnmarshalText([]byte(text)); err == nil || w != (Want{}) {
			t.Errorf("%q: %v, %v", text, w, err)
		}
	}
}

// What is read is written so that it reads the same, and no text is both < and >=.
func FuzzWant(f *testing.F) {
	for _, text := range []string{"<= 0.1", "==ready", "!= 0x1p4", "> -1e-9", "== \x00", "<NaN"} {
		f.Add(text, "1")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		var w, again Want
		if w.UnmarshalText([]byte(text)) != nil {
			return
		}
		if err := again.UnmarshalText([]byte(w.String())); err != nil || again != w {
			t.Errorf("%q reads as %q, and that as %q: %v", text, w, again, err)
		}
		opposite := map[string]string{"<": ">=", ">=": "<", "<=": ">", ">": "<=", "==": "!=", "!=": "=="}
		a, err := w.Holds(value)
		b, _ := Want{opposite[w.Compare], w.Limit}.Holds(value)
		if err == nil && a == b && strings.TrimSpace(value) != "" {
			t.Errorf("%q %s is %v, and so is its opposite", value, w, a)
		}
	})
}
