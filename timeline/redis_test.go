package timeline

import (
	"testing"
)

// everyStore are the tests that hold over every store.
var everyStore = map[string]func(*testing.T){
	"ModesShowTheSame":  TestModesShowTheSame,
	"ModesTurned":       TestModesCanBeTurned,
	"NoReplyBefore":     TestNoReplyBeforeItsPost,
	"OwnOvertake":       TestOnlyOwnPostsOvertake,
	"FlushWhilePosting": TestFlushWhilePosting,
	"FlushAShard":       TestFlushAShard,
	"Ranked":            TestRankedPutsTheBestFirst,
	"Fields":            TestFields,
	"Post":              TestPost,
	"Reply":             TestReply,
	"WallAndPublic":     TestWallAndPublicFilters,
	"Refusals":          TestRefusals,
	"EveryPost":         TestEveryPostReachesEveryFollower,
	"Queue":             TestPostingWaitsWhenTheQueueIsFull,
	"Cap":               TestCap,
	"CapTurned":         TestCapTurned,
	"ReadOnly":          TestWritesWhileReadOnly,
	"FallenOut":         TestFallenOut,
	"Links":             TestLinks,
	"Limit":             TestLimit,
	"Pages":             TestPagesAgainstModel,
	"WalkWhilePosting":  TestWalkWhilePostsArrive,
	"KeyAfterRefusal":   TestIdempotencyKeyAfterRefusal,
	"KeyAtOnce":         TestIdempotencyKeyAtOnce,
	"KeysForgotten":     TestKeysAreForgottenWithTheirStatuses,
	"Likes":             TestLikesAreExact,
	"LikeAnswers":       TestLikeAnswersWithTheCount,
	"Boost":             TestBoost,
	"Boosts":            TestBoostsAreExact,
	"Follow":            TestFollowAndUnfollow,
}

// TestOverRedis runs over a real Redis what holds for every store.
func TestOverRedis(t *testing.T) {
	overRedis(t)
	for name, test := range everyStore {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they mostly wait for the Redis
			test(t)
		})
	}
}
