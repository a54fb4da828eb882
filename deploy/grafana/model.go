package main

// A dashboard is as much of Grafana's model as these dashboards need
// (schemaVersion 39, Grafana 10.4 and later).
type dashboard struct {
	UID           string   `json:"uid"`
	Title         string   `json:"title"`
	Description   string   `json:"description"`
	Tags          []string `json:"tags"`
	SchemaVersion int      `json:"schemaVersion"`
	Editable      bool     `json:"editable"`
	Refresh       string   `json:"refresh"`
	Time          span     `json:"time"`
	Templating    struct {
		List []variable `json:"list"`
	} `json:"templating"`
	Annotations struct {
		List []annotation `json:"list"`
	} `json:"annotations"`
	Panels []panel `json:"panels"`
}

type span struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// A source is the Prometheus that is asked: the one that the reader picks.
type source struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

var picked = source{"prometheus", "${datasource}"}

type variable struct {
	Name       string   `json:"name"`
	Label      string   `json:"label"`
	Type       string   `json:"type"`
	Query      any      `json:"query"`
	Definition string   `json:"definition,omitempty"`
	Datasource *source  `json:"datasource,omitempty"`
	Refresh    int      `json:"refresh,omitempty"` // 2: whenever the time range changes
	IncludeAll bool     `json:"includeAll"`
	Multi      bool     `json:"multi"`
	AllValue   string   `json:"allValue,omitempty"`
	Current    *option  `json:"current,omitempty"`
	Options    []option `json:"options,omitempty"`
}

type option struct {
	Text     string `json:"text"`
	Value    string `json:"value"`
	Selected bool   `json:"selected"`
}

type annotation struct {
	Name        string `json:"name"`
	Datasource  source `json:"datasource"`
	Enable      bool   `json:"enable"`
	IconColor   string `json:"iconColor"`
	Expr        string `json:"expr"`
	Step        string `json:"step"`
	TitleFormat string `json:"titleFormat"`
	TextFormat  string `json:"textFormat"`
}

type panel struct {
	ID          int         `json:"id"`
	Type        string      `json:"type"`
	Title       string      `json:"title"`
	Description string      `json:"description,omitempty"`
	GridPos     grid        `json:"gridPos"`
	Datasource  source      `json:"datasource"`
	Targets     []target    `json:"targets"`
	FieldConfig fieldConfig `json:"fieldConfig"`
	Options     any         `json:"options,omitempty"`
}

type grid struct {
	H int `json:"h"`
	W int `json:"w"`
	X int `json:"x"`
	Y int `json:"y"`
}

type target struct {
	RefID        string `json:"refId"`
	Datasource   source `json:"datasource"`
	Expr         string `json:"expr"`
	LegendFormat string `json:"legendFormat"`
	Instant      bool   `json:"instant"`
	Range        bool   `json:"range"`
	Exemplar     bool   `json:"exemplar"`
}

type fieldConfig struct {
	Defaults  defaults `json:"defaults"`
	Overrides []any    `json:"overrides"`
}

type defaults struct {
	Unit     string     `json:"unit,omitempty"`
	Min      *float64   `json:"min,omitempty"`
	Max      *float64   `json:"max,omitempty"`
	Mappings []mapping  `json:"mappings,omitempty"`
	Color    *colour    `json:"color,omitempty"`
	Limits   *threshold `json:"thresholds,omitempty"`
}

type colour struct {
	Mode string `json:"mode"`
}

type threshold struct {
	Mode  string `json:"mode"`
	Steps []step `json:"steps"`
}

type step struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"` // nil: from minus infinity
}

type mapping struct {
	Type    string             `json:"type"`
	Options map[string]shownAs `json:"options"`
}

type shownAs struct {
	Text  string `json:"text"`
	Color string `json:"color"`
	Index int    `json:"index"`
}
