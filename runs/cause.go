package runs

// Causes are those of which a request can fail, a closed set: the keys of
// [Tally.Failed], in the order in which they are told. A record of a newer gameday
// may have others.
var Causes = []string{
	"timeout", "refused", "reset", "dns", "tls", "protocol", "redirect", "too-large", "429", "4xx", "503", "5xx", "unsent", "local",
}
