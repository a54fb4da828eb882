package targets

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// noLabels is of a metric whose value never tells anything.
const noLabels = "its value is always 1; want labels, such as labels: [version]"

func wrongMetric(s Source) string {
	if strings.HasSuffix(s.Metric, "_info") && len(s.Labels) == 0 {
		return s.Metric + ": " + noLabels
	}
	if strings.ContainsAny(s.Metric, "{}\" \n") {
		return fmt.Sprintf("%q: want the name alone", s.Metric)
	}
	return ""
}

// readMetric takes the values of a metric's series, or some of their labels.
func (q *inquiry) readMetric(ctx context.Context, s Source) ([]string, error) {
	a, err := q.content(ctx, s)
	if err != nil {
		return nil, err
	}
	var values []string
	n := 0
	for line := range strings.Lines(string(a.body)) {
		n++
		one, err := parseSeries(strings.TrimRight(line, "\r\n"), s.Metric)
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", a.from, n, err)
		}
		if one == nil {
			continue
		}
		v, err := one.say(s.Labels)
		if err != nil {
			return nil, fmt.Errorf("%s: %s %w", a.from, s.Metric, err)
		}
		values = append(values, v)
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("%s holds no metric %s", a.from, s.Metric)
	}
	return values, nil
}

// A series is one sample of a metric.
type series struct {
	labels map[string]string
	value  string
}

// say is what a series tells: its value or, if labels are wanted, those: a single
// one by itself, more of them with their names.
func (s series) say(labels []string) (string, error) {
	if len(labels) == 0 {
		f, err := strconv.ParseFloat(s.value, 64)
		if err != nil || math.IsNaN(f) {
			return "", fmt.Errorf("is %q, which is no number", s.value)
		}
		return strconv.FormatFloat(f, 'f', -1, 64), nil
	}
	var parts []string
	for _, name := range labels {
		v := s.labels[name]
		if v == "" {
			return "", fmt.Errorf("has no label %s", name)
		}
		if len(labels) == 1 {
			return v, nil
		}
		parts = append(parts, fmt.Sprintf("%s=%q", name, v))
	}
	return strings.Join(parts, " "), nil
}

var errSeries = errors.New("not in Prometheus's text format")

// parseSeries reads one line of Prometheus's text format. It returns nil for
// comments and other metrics.
func parseSeries(line, metric string) (*series, error) {
	rest, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), metric)
	if !ok || rest == "" || !strings.ContainsRune("{ \t", rune(rest[0])) {
		return nil, nil
	}
	s := &series{labels: map[string]string{}}
	rest = strings.TrimLeft(rest, " \t")
	if strings.HasPrefix(rest, "{") {
		if rest, ok = s.parseLabels(rest[1:]); !ok {
			return nil, errSeries
		}
	}
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return nil, errSeries
	}
	s.value = fields[0]
	if _, err := strconv.ParseFloat(s.value, 64); err != nil {
		return nil, errSeries
	}
	return s, nil
}

// parseLabels reads labels up to their closing brace and returns what comes after.
func (s *series) parseLabels(rest string) (after string, ok bool) {
	for {
		rest = strings.TrimLeft(rest, " \t,")
		if after, closed := strings.CutPrefix(rest, "}"); closed {
			return after, true
		}
		name, quoted, found := strings.Cut(rest, "=")
		quoted = strings.TrimLeft(quoted, " \t")
		if !found || !strings.HasPrefix(quoted, `"`) {
			return "", false
		}
		value := strings.Builder{}
		i := 1
		for ; i < len(quoted) && quoted[i] != '"'; i++ {
			if quoted[i] != '\\' || i+1 == len(quoted) {
				value.WriteByte(quoted[i])
				continue
			}
			i++
			switch quoted[i] {
			case 'n':
				value.WriteByte('\n')
			case '\\', '"':
				value.WriteByte(quoted[i])
			default:
				value.WriteString(quoted[i-1 : i+1])
			}
		}
		if i >= len(quoted) {
			return "", false
		}
		s.labels[strings.TrimSpace(name)] = value.String()
		rest = quoted[i+1:]
	}
}
