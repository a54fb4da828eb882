package runs

// A dense is a Histogram with room for every bucket, which takes 16 kB: many are
// added up in it quickly. The zero dense is empty and ready to use.
type dense struct {
	totals
	counts [lastBucket - zeroBucket + 1]uint64 // by index - zeroBucket
}

func (d *dense) add(h *Histogram) {
	d.totals.add(h.totals)
	d.counts[0] += h.zeros
	for r := range h.buckets.runs() {
		r.addTo(d.counts[r.first-zeroBucket:][:r.length])
	}
}

func (d *dense) record(t totals, bucket int) {
	d.totals.add(t)
	d.counts[bucket-zeroBucket] += t.count
}

// histogram returns what was counted.
func (d *dense) histogram() Histogram {
	first, counts := d.touched()
	return Histogram{d.totals, d.counts[0], pack(first, counts)}
}

// reset forgets everything.
func (d *dense) reset() {
	_, counts := d.touched()
	clear(counts)
	d.counts[0], d.totals = 0, totals{}
}

// touched returns the counts of all buckets that can hold something, but for the
// zeros, and the index of the first.
func (d *dense) touched() (first int, counts []uint64) {
	first = max(bucketOf(d.min), firstBucket)
	return first, d.counts[first-zeroBucket : bucketOf(d.max)-zeroBucket+1]
}
