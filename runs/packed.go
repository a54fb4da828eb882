package runs

import (
	"encoding/binary"
	"iter"
	"math/bits"
)

// packed are the buckets of a Histogram that hold something, in one or two bytes
// each where most count few: a record holds millions of them. Buckets that follow
// each other make a run. A run is a varint of how many buckets before it hold
// nothing, a varint of four times its length and its width, and its counts, each
// of 1, 2, 4 or 8 bytes: as few as do for all of its counts; the width is the
// logarithm of that. The same buckets have the same bytes, and nobody changes them.
type packed []byte

// pack packs counts, which are those of the buckets from first on; nil if nothing
// was counted.
func pack[N uint32 | uint64](first int, counts []N) packed {
	var room [1024]byte // nearly always enough, and what is kept has no bytes to spare
	p := packed(room[:0])
	behind := zeroBucket + 1 // the run before
	for i := 0; i < len(counts); i++ {
		if counts[i] == 0 {
			continue
		}
		begin, all := i, N(0)
		for ; i < len(counts) && counts[i] > 0; i++ {
			all |= counts[i]
		}
		width := widthOf(uint64(all))
		p = binary.AppendUvarint(p, uint64(first+begin-behind))
		p = binary.AppendUvarint(p, uint64(i-begin)<<2|uint64(width))
		for _, n := range counts[begin:i] {
			switch width {
			case 0:
				p = append(p, byte(n))
			case 1:
				p = binary.LittleEndian.AppendUint16(p, uint16(n))
			case 2:
				p = binary.LittleEndian.AppendUint32(p, uint32(n))
			default:
				p = binary.LittleEndian.AppendUint64(p, uint64(n))
			}
		}
		behind = first + i
	}
	return append(packed(nil), p...)
}

// widthOf is the logarithm of how many bytes hold n.
func widthOf(n uint64) int { return bits.Len(uint(bits.Len64(n)-1) / 8) }

// A run is buckets that follow each other.
type run struct {
	first  int // index of its first bucket
	length int
	width  int
	counts []byte
}

// runs yields the runs in rising order.
func (p packed) runs() iter.Seq[run] {
	return func(yield func(run) bool) {
		for first := zeroBucket + 1; len(p) > 0; {
			skipped, a := binary.Uvarint(p)
			shape, b := binary.Uvarint(p[a:])
			r := run{first: first + int(skipped), length: int(shape >> 2), width: int(shape & 3)}
			end := a + b + r.length<<r.width
			r.counts = p[a+b : end]
			if !yield(r) {
				return
			}
			first, p = r.first+r.length, p[end:]
		}
	}
}

// at is the count of the i-th bucket.
func (r *run) at(i int) uint64 {
	switch r.width {
	case 0:
		return uint64(r.counts[i])
	case 1:
		return uint64(binary.LittleEndian.Uint16(r.counts[2*i:]))
	case 2:
		return uint64(binary.LittleEndian.Uint32(r.counts[4*i:]))
	}
	return binary.LittleEndian.Uint64(r.counts[8*i:])
}

// addTo adds the counts to those of as many buckets.
func (r *run) addTo(to []uint64) {
	if r.width > 0 {
		for i := range to {
			to[i] += r.at(i)
		}
		return
	}
	for i, n := range r.counts[:len(to)] {
		to[i] += uint64(n)
	}
}
