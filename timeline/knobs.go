package timeline

import "time"

// Knobs are what can be set in timeline.yaml and turned while the service runs.
// A json tag is a knob's name everywhere, a want tag what it may be: "LEAST MOST",
// both included, or one of some words. The zero value is not valid; start from
// [DefaultKnobs].
//
// Knobs are read as one: a request that began under old knobs ends under them,
// or takes up the new ones, but never sees half a change.
type Knobs struct {
	// How a post travels.
	Fanout          string `json:"fanout" want:"push|pull|hybrid"`
	FanoutThreshold int    `json:"fanout_threshold" want:"0 5000000"` // followers above which hybrid merges at read time
	FanoutWorkers   int    `json:"fanout_workers" want:"1 64"`
	FanoutBatch     int    `json:"fanout_batch" want:"1 1000000"` // entries written at a time
	FanoutQueue     int    `json:"fanout_queue" want:"1 65536"`   // posts on their way before posting waits

	// What is kept of a home timeline, and for whom.
	TimelineCap    int           `json:"timeline_cap" want:"1 262144"` // entries
	ActiveOnly     bool          `json:"active_only"`                  // keep home timelines of active people only
	ActiveShare    float64       `json:"active_share" want:"0 1"`      // of the people who are active at the start
	CacheShards    int           `json:"cache_shards" want:"1 1024"`
	Replicas       int           `json:"replicas" want:"1 64"`          // copies of each shard; a read goes to the one that is free first
	ShardCost      time.Duration `json:"shard_cost" want:"0s 1m"`       // how long a copy is busy with one read; 0: any number at once
	RebuildDelay   time.Duration `json:"rebuild_delay" want:"0s 1h"`    // how long rebuilding a home timeline takes at least
	RebuildWorkers int           `json:"rebuild_workers" want:"1 1024"` // home timelines rebuilt at once
	Coalesce       bool          `json:"coalesce"`                      // one rebuild a person, one answer for the same public question

	// Likes and boosts.
	LikeCounter   string `json:"like_counter" want:"rows|denormalised|sharded"`
	CounterShards int    `json:"counter_shards" want:"1 1024"`

	// Ranked home timelines.
	RankCost        time.Duration `json:"rank_cost" want:"0s 1m"`     // how long ranking a home timeline takes
	RankCache       time.Duration `json:"rank_cache" want:"0s 24h"`   // how long a ranking is good
	RankTimeout     time.Duration `json:"rank_timeout" want:"1ms 1m"` // when the ranker is late
	DegradeToChrono bool          `json:"degrade_to_chrono"`          // the latest instead of a refusal, then
	RankDelay       time.Duration `json:"rank_delay" want:"0s 1h"`    // what the ranker takes longer
	RankDelayShare  float64       `json:"rank_delay_share" want:"0 1"`

	// The store, and how calls to it are guarded.
	StoreDelay      time.Duration `json:"store_delay" want:"0s 1h"` // what a call takes longer
	StoreDelayShare float64       `json:"store_delay_share" want:"0 1"`
	StoreErrors     float64       `json:"store_errors" want:"0 1"`     // share of calls that fail
	StoreRetries    int           `json:"store_retries" want:"0 10"`   // of a failed call
	RetryBudget     float64       `json:"retry_budget" want:"0 1"`     // share of the calls under way that may be retries; 1: no bound
	Breaker         bool          `json:"breaker"`                     // stop calling a store that fails
	BreakerShare    float64       `json:"breaker_share" want:"0.01 1"` // share of failed calls that opens the breaker
	BreakerDelay    time.Duration `json:"breaker_delay" want:"1ms 1h"` // until the store is tried again

	// Quotas.
	Limiter           bool          `json:"limiter"`
	LimitWindow       time.Duration `json:"limit_window" want:"1s 24h"`
	LimitPerToken     int           `json:"limit_per_token" want:"1 1000000000"`   // requests a window
	LimitPerAddress   int           `json:"limit_per_address" want:"1 1000000000"` // requests a window without a token
	LimitPages        int           `json:"limit_pages" want:"1 1000000000"`       // requests with max_id, since_id or min_id a token and 15 minutes
	LimitPosts        int           `json:"limit_posts" want:"1 1000000000"`       // posts a token and 3 hours
	TrustForwarded    bool          `json:"trust_forwarded"`                       // the address is the last in X-Forwarded-For
	LimiterOnDataLoss string        `json:"limiter_on_data_loss" want:"open|closed|last_good"`

	// Overload.
	MaxConnections   int           `json:"max_connections" want:"0 1000000"` // 0: no cap
	ConcurrencyLimit string        `json:"concurrency_limit" want:"off|fixed|adaptive"`
	Concurrency      int           `json:"concurrency" want:"1 100000"`   // requests answered at once, at most
	WaitQueue        int           `json:"wait_queue" want:"0 1000000"`   // requests waiting for their turn
	WaitTimeout      time.Duration `json:"wait_timeout" want:"1ms 1h"`    // the longest wait for a turn
	Shed             string        `json:"shed" want:"off|fifo|priority"` // off: the queue has no bound and no end
	PublicCache      time.Duration `json:"public_cache" want:"0s 1h"`     // how long an answer to anybody is good for all
	ReadOnly         bool          `json:"read_only"`                     // refuse to write, for the sake of reading

	// Streams.
	MaxStreams      int           `json:"max_streams" want:"0 1000000"`
	StreamHeartbeat time.Duration `json:"stream_heartbeat" want:"10ms 1h"`
	StreamBuffer    int           `json:"stream_buffer" want:"1 4096"` // events a slow reader may lag

	// What is running, and what is wrong with it.
	Build      string        `json:"build"`                   // reported; empty: that of the binary
	Flags      []string      `json:"flags"`                   // reported
	AuthDelay  time.Duration `json:"auth_delay" want:"0s 1h"` // what looking at a token takes longer
	ErrorShare float64       `json:"error_share" want:"0 1"`  // share of API requests refused for nothing, as by a bad build or gate
	ErrorCode  int           `json:"error_code" want:"400 599"`
}

// DefaultKnobs are the knobs of a service in good order that refuses nobody.
func DefaultKnobs() Knobs {
	return Knobs{
		Fanout: "push", FanoutThreshold: 10_000, FanoutWorkers: 4, FanoutBatch: 4000, FanoutQueue: 1024,
		TimelineCap: 800, ActiveOnly: true, ActiveShare: 1, CacheShards: 16, Replicas: 1, RebuildDelay: 100 * time.Millisecond, RebuildWorkers: 64, Coalesce: true,
		LikeCounter: "denormalised", CounterShards: 16,
		RankCost: time.Millisecond, RankCache: 3 * time.Minute, RankTimeout: 500 * time.Millisecond, DegradeToChrono: true, RankDelayShare: 1,
		StoreDelayShare: 1, StoreRetries: 2, RetryBudget: 0.1, Breaker: true, BreakerShare: 0.5, BreakerDelay: 5 * time.Second,
		LimitWindow: 5 * time.Minute, LimitPerToken: 300, LimitPerAddress: 300, LimitPages: 300, LimitPosts: 300, LimiterOnDataLoss: "last_good",
		ConcurrencyLimit: "off", Concurrency: 256, WaitQueue: 1024, WaitTimeout: time.Second, Shed: "priority",
		MaxStreams: 15_000, StreamHeartbeat: 15 * time.Second, StreamBuffer: 32,
		Flags: []string{}, ErrorCode: 500,
	}
}
