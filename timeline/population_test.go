package timeline

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// populations are the sizes, exponents and seeds the follower law is tried at.
var populations = []Options{
	{Accounts: 2},
	{Accounts: 3, Seed: 1},
	{Accounts: 4, Seed: 2, Followers: 0.1},
	{Accounts: 10, Seed: math.MaxUint64},
	{Accounts: 97, Seed: 48, Followers: 0.3},
	{Accounts: 1000, Seed: 48},
	{Accounts: 1001, Seed: 49, Followers: 2},
}

func TestFollowerLaw(t *testing.T) {
	for _, o := range populations {
		o := o.withDefaults()
		t.Run(fmt.Sprintf("%d^-%v", o.Accounts, o.Followers), func(t *testing.T) {
			p, again := newPopulation(o), newPopulation(o)
			following := make([]int32, o.Accounts+1)
			for id := int32(1); id <= int32(o.Accounts); id++ {
				a := p.get(id)
				got := slices.Collect(a.walk.all())
				law := min(o.Accounts-1, int(math.Round(float64(o.Accounts)*math.Pow(float64(id), -o.Followers))))
				if len(got) != law || a.followers.Load() != int32(law) {
					t.Fatalf("account %d has %d followers and says %d, the law says %d", id, len(got), a.followers.Load(), law)
				}
				if !slices.Equal(got, slices.Collect(again.get(id).walk.all())) {
					t.Fatalf("the followers of %d differ between two populations of one seed", id)
				}
				checkFollowers(t, p, id, got)
				for _, who := range got {
					following[who]++
				}
			}
			for id := int32(1); id <= int32(o.Accounts); id++ {
				if said := p.get(id).following.Load(); said != following[id] {
					t.Errorf("account %d says it follows %d, it follows %d", id, said, following[id])
				}
			}
		})
	}
}

// checkFollowers checks that followers are distinct accounts other than the
// author, and that membership agrees with the list.
func checkFollowers(t *testing.T, p *population, author int32, followers []int32) {
	t.Helper()
	is := make(map[int32]bool)
	for _, who := range followers {
		if who < 1 || int(who) > len(p.accounts) || who == author || is[who] {
			t.Fatalf("%d cannot follow %d, or does already", who, author)
		}
		is[who] = true
	}
	for who := int32(1); int(who) <= len(p.accounts); who++ {
		if p.follows(who, author) != is[who] {
			t.Fatalf("follows(%d, %d) is %v", who, author, !is[who])
		}
	}
}

func TestSeedChoosesFollowers(t *testing.T) {
	same := 0
	one, other := newPopulation(Options{Accounts: 1000, Followers: 0.784, Seed: 1}), newPopulation(Options{Accounts: 1000, Followers: 0.784, Seed: 2})
	for id := int32(1); id <= 1000; id++ {
		if slices.Equal(slices.Collect(one.get(id).walk.all()), slices.Collect(other.get(id).walk.all())) {
			same++
		}
	}
	if same > 0 {
		t.Errorf("%d of 1000 accounts have the same followers with another seed", same)
	}
}

// TestDefaultPopulation checks the figures the law is known by: with 100,000
// accounts rank 10 has 16,444 followers and the mean account 52.
func TestDefaultPopulation(t *testing.T) {
	p := newPopulation(Options{}.withDefaults())
	edges, most, least := 0, int32(0), int32(math.MaxInt32)
	for i := range p.accounts {
		edges += int(p.accounts[i].followers.Load())
		most = max(most, p.accounts[i].following.Load())
		least = min(least, p.accounts[i].following.Load())
	}
	if mean := edges / len(p.accounts); mean != 51 && mean != 52 {
		t.Errorf("the mean account has %d followers, want 52", mean)
	}
	if n := p.get(10).followers.Load(); n != 16444 {
		t.Errorf("rank 10 has %d followers, want 16444", n)
	}
	if least < 15 || most > 110 {
		t.Errorf("accounts follow %d to %d others: the followers are not spread evenly", least, most)
	}
}

func TestInverse(t *testing.T) {
	for m := int64(1); m < 200; m++ {
		for a := range m {
			if gcd(uint64(a), uint64(m)) != 1 {
				continue
			}
			if x := inverse(a, m); x < 0 || x >= m || a*x%m != 1%m {
				t.Errorf("inverse(%d, %d) is %d", a, m, x)
			}
		}
	}
}

func TestFollowAndUnfollowAreExact(t *testing.T) {
	p := newPopulation(Options{Accounts: 50, Followers: 0.784, Seed: 3})
	is := make(map[[2]int32]bool)
	for author := int32(1); author <= 50; author++ {
		for who := range p.get(author).walk.all() {
			is[[2]int32{who, author}] = true
		}
	}
	for step := range uint64(5000) {
		h := mix(step)
		who, author := int32(h%50)+1, int32(h>>16%50)+1
		if who == author {
			continue
		}
		if h>>32&1 == 0 {
			p.follow(who, author)
		} else {
			p.unfollow(who, author)
		}
		is[[2]int32{who, author}] = h>>32&1 == 0
	}
	for author := int32(1); author <= 50; author++ {
		var want []int32
		following := int32(0)
		for other := int32(1); other <= 50; other++ {
			if is[[2]int32{other, author}] {
				want = append(want, other)
			}
			if is[[2]int32{author, other}] {
				following++
			}
		}
		to := p.get(author).audience()
		got := slices.Sorted(to.all())
		if !slices.Equal(got, want) || int(p.get(author).followers.Load()) != len(want) || p.get(author).following.Load() != following {
			t.Errorf("account %d is followed by %v and says %d, want %v; it says it follows %d, want %d",
				author, got, p.get(author).followers.Load(), want, p.get(author).following.Load(), following)
		}
	}
}
