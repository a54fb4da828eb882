package faults

import (
	"io"
	"net"
	"slices"
	"testing"
	"time"
)

// BenchmarkRelay compares a link without toxics with no link: questions and
// answers of a byte, one after the other, and a stream of bytes one way.
func BenchmarkRelay(b *testing.B) {
	upstream := listen(b, echo)
	sink := listen(b, func(c net.Conn) {
		for buf := make([]byte, 1<<20); ; {
			if _, err := c.Read(buf); err != nil {
				c.Write([]byte{1})
				return
			}
		}
	})
	b.Run("questions", func(b *testing.B) {
		relayed, direct := dial(b, linked(b, upstream).Address("store")), dial(b, upstream)
		var over, plain []time.Duration
		for b.Loop() { // in turns, so that both meet the same neighbours
			for c, times := range map[*net.TCPConn]*[]time.Duration{relayed: &over, direct: &plain} {
				took, err := ask(c, 10*time.Second)
				if err != nil {
					b.Fatal(err)
				}
				*times = append(*times, took)
			}
		}
		at := func(times []time.Duration, q float64) float64 {
			slices.Sort(times)
			return float64(times[int(q*float64(len(times)-1))]) / float64(time.Microsecond)
		}
		b.ReportMetric(at(over, 0.5)-at(plain, 0.5), "µs-added-p50")
		b.ReportMetric(at(over, 0.99)-at(plain, 0.99), "µs-added-p99")
		b.ReportMetric(at(plain, 0.99), "µs-direct-p99")
	})
	b.Run("stream", func(b *testing.B) {
		relay := linked(b, sink).Address("store")
		rates := map[string]float64{}
		const gigabyte = 1 << 30
		for b.Loop() {
			for _, address := range []string{sink, relay} {
				c := dial(b, address)
				piece := make([]byte, 1<<20)
				began := time.Now()
				for range gigabyte / len(piece) {
					if _, err := c.Write(piece); err != nil {
						b.Fatal(err)
					}
				}
				c.CloseWrite()
				if _, err := io.ReadFull(c, piece[:1]); err != nil {
					b.Fatal(err)
				}
				c.Close()
				rates[address] = max(rates[address], gigabyte/1e9/time.Since(began).Seconds())
			}
		}
		b.ReportMetric(rates[relay], "GB/s-relay")
		b.ReportMetric(rates[sink], "GB/s-direct")
		b.ReportMetric(rates[relay]/rates[sink], "of-direct")
	})
}
