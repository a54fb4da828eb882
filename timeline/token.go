package timeline

import (
	"strconv"
	"strings"
)

const hexDigits = "0123456789abcdef"

// Token is the bearer token of an account, "<id>-<16 hex digits>". It follows
// from the seed, so that whoever drives a rehearsal knows every token without
// asking. It names the caller and keeps nobody out: it is no secret.
func Token(seed uint64, id int) string {
	var tail [16]byte
	return strconv.Itoa(id) + "-" + string(tokenTail(&tail, seed, id))
}

// tokenTail writes the hex digits of an account's token into tail.
func tokenTail(tail *[16]byte, seed uint64, id int) []byte {
	h := mix(mix(seed) ^ uint64(id))
	for i := range tail {
		tail[i] = hexDigits[h>>60]
		h <<= 4
	}
	return tail[:]
}

// tokenOwner is the account a token belongs to, 0 when it belongs to nobody.
// It does not allocate.
func (s *Service) tokenOwner(token string) int32 {
	return s.ownerOf(token, s.opts.Seed)
}

// ownerOf is tokenOwner for tokens made from a seed.
func (s *Service) ownerOf(token string, seed uint64) int32 {
	digits, tail, ok := strings.Cut(token, "-")
	if !ok {
		return 0
	}
	id := s.people.find(digits)
	if id == 0 {
		return 0
	}
	var want [16]byte
	if tail != string(tokenTail(&want, seed, int(id))) {
		return 0
	}
	return id
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a
// bijection that spreads every input bit over all output bits.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
