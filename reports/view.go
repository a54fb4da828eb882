package reports

// ViewSchema is the version of the View that this package writes.
const ViewSchema = 1

// A View is a run as its page shows it: what is drawn, cut into bins, and what is
// told, in words that are clean. It is made from the record alone ([NewView]), or
// from a play that goes on ([Live]); no quantile in it is of anything but the
// histograms that the verdict was judged on.
//
// Times are seconds after the start, durations seconds, rates requests a second;
// counts are exact. A bin is Step seconds of due time, the
// last of a run maybe less: bin i holds what was due in [i·Step, (i+1)·Step).
type View struct {
	Schema int    `json:"schema"`
	Live   bool   `json:"live"` // it is still being played
	At     amount `json:"at"`   // how far it came
	Lasts  amount `json:"lasts"`
	Step   int    `json:"step"`           // seconds in a bin; at least 1
	Bins   []int  `json:"bins,omitempty"` // which bins the columns hold, in rising order; absent: all, from 0 on

	viewHead

	Verdict  string        `json:"verdict"` // pass, fail or unclear; empty while it is played
	Why      string        `json:"why"`
	Aborted  string        `json:"aborted,omitempty"`
	Ended    string        `json:"ended,omitempty"` // RFC 3339; absent: not yet, or the record does not say
	Schedule string        `json:"schedule,omitempty"`
	Now      *viewNow      `json:"now,omitempty"`      // while it is played
	Promises []viewPromise `json:"promises,omitempty"` // the broken first, then the undecided, then the kept
	More     int           `json:"more,omitempty"`     // promises that are not shown

	Series    []viewSeries   `json:"series"`           // everybody, then each crowd, followed by each of its actions
	Causes    []viewCause    `json:"causes,omitempty"` // of failure, the most frequent first
	Heat      viewHeat       `json:"heat"`
	Bands     []viewBand     `json:"bands,omitempty"`    // in order of time
	Marks     []viewMark     `json:"marks,omitempty"`    // in order of time, but for the phases and the end
	Recovery  []viewRecovery `json:"recovery,omitempty"` // in order of time
	Judged    string         `json:"judged,omitempty"`   // the limits by which recoveries are judged
	Witness   *viewWitness   `json:"witness,omitempty"`
	Generator *viewGenerator `json:"generator,omitempty"`
	Sections  []viewSection  `json:"sections,omitempty"` // the tables behind the drawings

	Comparison *viewComparison `json:"comparison,omitempty"` // with another run
	Base       *viewBase       `json:"base,omitempty"`       // that run, if it can be compared
}

// A viewHead is what is known of a run as it begins and never changes.
type viewHead struct {
	Name         string      `json:"name,omitempty"`
	Asks         string      `json:"asks,omitempty"`
	Story        string      `json:"story,omitempty"`
	Source       string      `json:"source,omitempty"`
	ID           string      `json:"id,omitempty"`
	Began        string      `json:"began,omitempty"` // RFC 3339
	Scale        string      `json:"scale,omitempty"` // 0.1%
	Seed         string      `json:"seed,omitempty"`  // in words: a number of JavaScript would be rounded
	Target       string      `json:"target,omitempty"`
	Host         string      `json:"host,omitempty"`
	Gameday      string      `json:"gameday,omitempty"` // its version
	DuringFreeze string      `json:"during_freeze,omitempty"`
	Identity     [][2]string `json:"identity,omitempty"` // kind and value of what was running
	Command      string      `json:"command,omitempty"`  // that plays the same again
	Phases       []viewPhase `json:"phases,omitempty"`
	Wanted       amounts     `json:"wanted,omitempty"` // by bin: the rate that was planned
}

// A viewNow is what goes on in this second.
type viewNow struct {
	Phase    string   `json:"phase"`
	Wanted   amount   `json:"wanted"` // rate
	InFlight int      `json:"in_flight"`
	Faults   []string `json:"faults,omitempty"` // in force
	Held     bool     `json:"held,omitempty"`   // load is lowered on purpose
}

// A viewPromise is what became of a promise, or, while it is played, will.
type viewPromise struct {
	Verdict string `json:"verdict"` // pass, fail or unclear; empty while it is played
	Phase   string `json:"phase"`   // empty: of the whole run
	Promise string `json:"promise"`
	Limit   string `json:"limit"`
	Got     string `json:"got,omitempty"`
	Why     string `json:"why,omitempty"`
}

type viewPhase struct {
	Name  string `json:"name"`
	Begin amount `json:"begin"`
	End   amount `json:"end"`
}

// A viewSeries is what came of the requests of everybody, of a crowd or of one of
// its actions. Each column has a value for each of the bins.
type viewSeries struct {
	Crowd  string     `json:"crowd"`  // empty: everybody
	Action string     `json:"action"` // empty: all that the crowd does
	All    viewTotals `json:"all"`    // the whole run, so far

	Offered  tallied `json:"offered"` // requests, each counted once however often it was tried
	Good     tallied `json:"good"`
	Failed   tallied `json:"failed"`
	Attempts tallied `json:"attempts"`
	Held     tallied `json:"held"`   // kept back on purpose; not among the offered
	Late     tallied `json:"late"`   // left over 10 ms late: the generator did not keep up
	Waited   tallied `json:"waited"` // left late: every place in flight was taken

	// The quantiles are of all requests that were offered; one that failed took
	// longer than any that was answered. So null means that nothing was offered, or
	// else that the request of that rank failed.
	P50       amounts `json:"p50"`
	P99       amounts `json:"p99"`
	P999      amounts `json:"p999"`
	Service50 amounts `json:"service50"` // from when it was sent
	Service99 amounts `json:"service99"`
	Lag       amounts `json:"lag"` // the greatest; null where nothing was offered
}

// viewTotals are the same of all bins together.
type viewTotals struct {
	Offered   uint64 `json:"offered"`
	Good      uint64 `json:"good"`
	Failed    uint64 `json:"failed"`
	Attempts  uint64 `json:"attempts"`
	Held      uint64 `json:"held"`
	Late      uint64 `json:"late"`
	Waited    uint64 `json:"waited"`
	P50       amount `json:"p50"`
	P99       amount `json:"p99"`
	P999      amount `json:"p999"`
	Service50 amount `json:"service50"`
	Service99 amount `json:"service99"`
	Lag       amount `json:"lag"`
}

// A viewCause is why requests failed, and when they were due.
type viewCause struct {
	Cause   string       `json:"cause"`
	Total   uint64       `json:"total"`
	PerBin  tallied      `json:"per_bin"` // bin, count, bin, count, …, in rising order; bins not named have none
	Example *viewExample `json:"example,omitempty"`
}

// A viewExample is one request that failed.
type viewExample struct {
	At     amount `json:"at"` // when it was due
	Crowd  string `json:"crowd"`
	Action string `json:"action"`
	Status int    `json:"status,omitempty"` // absent: there was no answer
	Says   string `json:"says,omitempty"`
	Trace  string `json:"trace,omitempty"`
}

// A viewHeat is how long everybody's answers took, in buckets of four to a
// doubling. Bucket k holds the durations above Bounds[k-First-1] and up to
// Bounds[k-First]; the first holds the shorter ones too.
type viewHeat struct {
	First  int       `json:"first"`
	Bounds amounts   `json:"bounds"`
	Rows   []heatRow `json:"rows"` // for each bin: bucket, count, bucket, count, …, in rising order
}

type heatRow []int64

// A viewBand is a stretch in which something befell the service.
type viewBand struct {
	Kind  string `json:"kind"` // fault, spike or intervention
	Name  string `json:"name"`
	From  amount `json:"from"`
	To    amount `json:"to"`    // when it was taken back; null: the record does not say
	Seen  amount `json:"seen"`  // when a fault was seen to bite
	Clear amount `json:"clear"` // when everything was seen to be over
	Back  amount `json:"back"`  // when goodput was back for good
}

type viewMark struct {
	At    amount `json:"at"`
	Kind  string `json:"kind"` // fault-injected, intervention-began, …
	Fault string `json:"fault,omitempty"`
	Text  string `json:"text,omitempty"`
}

// A viewRecovery is what became of the service after a spike or a fault.
type viewRecovery struct {
	Name    string       `json:"name"`
	Kind    string       `json:"kind"` // spike or fault
	Phase   string       `json:"phase"`
	When    string       `json:"when"`
	Verdict string       `json:"verdict"` // recovered, slow, …
	Why     string       `json:"why"`
	Numbers []viewNumber `json:"numbers,omitempty"`
}

// A viewNumber is one number of a recovery in words.
type viewNumber struct {
	Name      string `json:"name"`
	Text      string `json:"text"` // with its unit
	Explained string `json:"explained"`
}

// viewSpread is how durations lie.
type viewSpread struct {
	Count uint64 `json:"count"`
	P50   amount `json:"p50"`
	P99   amount `json:"p99"`
	P999  amount `json:"p999"`
	Max   amount `json:"max"`
}

// A viewWitness is whether the service told the truth.
type viewWitness struct {
	Absent string       `json:"absent,omitempty"` // why nobody watched
	Posts  uint64       `json:"posts"`
	Seen   uint64       `json:"seen"`
	Failed uint64       `json:"failed"`
	Lied   uint64       `json:"lied"`
	Lies   []string     `json:"lies,omitempty"`
	Fresh  viewSpread   `json:"fresh"`            // from acknowledged until seen by a follower
	Phases []viewSpread `json:"phases,omitempty"` // the same for each phase
}

// A viewGenerator is how the load itself fared.
type viewGenerator struct {
	InFlightPeak int        `json:"in_flight_peak"`
	Late         uint64     `json:"late"`
	Waited       uint64     `json:"waited"`
	Lag          viewSpread `json:"lag"` // of the requests as they left
	CPU          amount     `json:"cpu"`
	CPUShare     amount     `json:"cpu_share"` // 1: all there was; so are all shares
	Starved      amount     `json:"starved"`   // for how long it got too little CPU
	StealShare   amount     `json:"steal_share"`
	GCCount      uint64     `json:"gc_count"`
	GCTotal      amount     `json:"gc_total"`
	GCMax        amount     `json:"gc_max"`
	GCShare      amount     `json:"gc_share"`
	MemoryPeak   uint64     `json:"memory_peak"` // bytes
	Notes        []string   `json:"notes,omitempty"`
}

// A viewSection is a part of the text report.
type viewSection struct {
	Title  string      `json:"title"`
	Note   string      `json:"note,omitempty"`
	Facts  [][2]string `json:"facts,omitempty"` // name and value
	Table  *viewTable  `json:"table,omitempty"`
	Legend string      `json:"legend,omitempty"`
}

type viewTable struct {
	Columns []viewColumn `json:"columns"`
	Grouped bool         `json:"grouped,omitempty"` // rows with the same first cell follow each other
	Rows    [][]string   `json:"rows"`
	More    int          `json:"more,omitempty"` // rows that are not shown
}

type viewColumn struct {
	Name  string `json:"name"`
	Right bool   `json:"right,omitempty"` // aligned right, as numbers are
}
