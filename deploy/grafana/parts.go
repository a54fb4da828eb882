package main

import (
	"fmt"
	"strings"
)

// newBoard is a dashboard without panels, with the variables that all have.
func newBoard(uid, title, description string) dashboard {
	d := dashboard{
		UID: "gameday-" + uid, Title: "Gameday: " + title, Description: description, Tags: []string{"gameday"},
		SchemaVersion: 39, Editable: true, Refresh: "5s", Time: span{"now-5m", "now"},
	}
	d.Templating.List = []variable{
		{Name: "datasource", Label: "Prometheus", Type: "datasource", Query: "prometheus"},
		windows(),
	}
	d.Annotations.List = []annotation{}
	return d
}

// windows lets the reader choose over how long rates are taken. A play is over in
// minutes, for which Grafana's own choice is too long.
func windows() variable {
	v := variable{Name: "window", Label: "rates over", Type: "custom", Query: "15s,30s,1m,5m", Current: &option{"15s", "15s", true}}
	for text := range strings.SplitSeq(v.Query.(string), ",") {
		v.Options = append(v.Options, option{text, text, text == v.Current.Text})
	}
	return v
}

// values lets the reader choose some values of a label.
func values(name, metric string) variable {
	query := fmt.Sprintf("label_values(%s, %s)", metric, name)
	return variable{
		Name: name, Label: name, Type: "query", Definition: query, Datasource: &picked, Refresh: 2,
		Query:      map[string]string{"query": query, "refId": name},
		IncludeAll: true, Multi: true, AllValue: ".*", Current: &option{"All", "$__all", true},
	}
}

// row appends panels side by side, each as wide as the others.
func (d *dashboard) row(height int, panels ...panel) {
	y := 0
	if n := len(d.Panels); n > 0 {
		y = d.Panels[n-1].GridPos.Y + d.Panels[n-1].GridPos.H
	}
	width := 24 / len(panels)
	for i, p := range panels {
		p.ID, p.GridPos, p.Datasource = len(d.Panels)+1, grid{height, width, i * width, y}, picked
		for j := range p.Targets {
			p.Targets[j].RefID = string(rune('A' + j))
		}
		d.Panels = append(d.Panels, p)
	}
}

// over asks for values over the time that is shown.
func over(expr, legend string) target {
	return target{Datasource: picked, Expr: expr, LegendFormat: legend, Range: true}
}

// now asks for the values at the end of the time that is shown.
func now(expr, legend string) target {
	return target{Datasource: picked, Expr: expr, LegendFormat: legend, Instant: true}
}

// lines is a panel with a line for each series.
func lines(title, unit, description string, targets ...target) panel {
	zero := 0.0
	return panel{
		Type: "timeseries", Title: title, Description: description, Targets: targets,
		FieldConfig: fieldConfig{Defaults: defaults{Unit: unit, Min: &zero}, Overrides: []any{}},
		Options: map[string]any{
			"legend":  map[string]any{"displayMode": "table", "placement": "bottom", "calcs": []string{"lastNotNull", "max"}},
			"tooltip": map[string]any{"mode": "multi", "sort": "desc"},
		},
	}
}

// figure is a panel with a number for each series, or the name of the series.
func figure(title, unit, shows, description string, targets ...target) panel {
	return panel{
		Type: "stat", Title: title, Description: description, Targets: targets,
		FieldConfig: fieldConfig{Defaults: defaults{Unit: unit}, Overrides: []any{}},
		Options: map[string]any{
			"textMode": shows, "colorMode": "background",
			"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
		},
	}
}

// stretches is a panel that shows from when to when something was 1.
func stretches(title, description string, targets ...target) panel {
	return panel{
		Type: "state-timeline", Title: title, Description: description, Targets: targets,
		FieldConfig: fieldConfig{Defaults: defaults{Mappings: yesNo("yes", "blue", "no", "transparent")}, Overrides: []any{}},
		Options:     map[string]any{"mergeValues": true, "showValue": "never"},
	}
}

// list is a panel with a row for each series.
func list(title, description string, kept []mapping, targets ...target) panel {
	for i := range targets {
		targets[i].Instant, targets[i].Range = true, false
	}
	return panel{
		Type: "bargauge", Title: title, Description: description, Targets: targets,
		FieldConfig: fieldConfig{Defaults: defaults{Mappings: kept, Color: &colour{"thresholds"}}, Overrides: []any{}},
		Options: map[string]any{
			"orientation": "horizontal", "displayMode": "basic",
			"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
		},
	}
}

// yesNo shows 1 and 0 as words.
func yesNo(yes, yesColour, no, noColour string) []mapping {
	return []mapping{{"value", map[string]shownAs{"1": {yes, yesColour, 0}, "0": {no, noColour, 1}}}}
}

// coloured turns a figure red, or green, from a value on.
func (p panel) coloured(below string, from float64, above string) panel {
	p.FieldConfig.Defaults.Limits = &threshold{"absolute", []step{{below, nil}, {above, &from}}}
	return p
}

// mapped shows values as words.
func (p panel) mapped(m []mapping) panel {
	p.FieldConfig.Defaults.Mappings = m
	return p
}

// quantile is a quantile of a histogram by some labels, from the native histogram,
// or from the classic one where there is no native one.
func quantile(q, metric, selector, by string) string {
	group, classic := "", "le"
	if by != "" {
		group, classic = by, by+", le"
	}
	return fmt.Sprintf("histogram_quantile(%s, sum by (%s) (rate(%s{%s}[$window]))) or histogram_quantile(%s, sum by (%s) (rate(%s_bucket{%s}[$window])))",
		q, group, metric, selector, q, classic, metric, selector)
}

// quantiles are the usual ones.
func quantiles(metric, selector, by, legend string) (all []target) {
	for _, q := range []struct{ q, name string }{{"0.5", "p50"}, {"0.99", "p99"}, {"0.999", "p99.9"}} {
		t := over(quantile(q.q, metric, selector, by), strings.TrimSpace(legend+" "+q.name))
		t.Exemplar = true
		all = append(all, t)
	}
	return all
}

// rate is how often something was counted a second, by some labels.
func rate(metric, selector, by string) string {
	return fmt.Sprintf("sum by (%s) (rate(%s{%s}[$window]))", by, metric, selector)
}

// share is what part of a count another is, by some labels.
func share(part, whole, by string) string {
	return fmt.Sprintf("sum by (%s) (rate(%s[$window])) / sum by (%s) (rate(%s[$window]))", by, part, by, whole)
}
