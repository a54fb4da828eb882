// Gameday rehearses a big night before it happens: it presses a timeline service
// with Super Bowl-scale spikes and says pass, fail or unclear, with evidence.
package main

import (
	"os"

	"gameday/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
