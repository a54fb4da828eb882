package cli

import (
	"os"
	"os/exec"
	"runtime"
)

// browse opens a page where somebody can see it. That it cannot is no trouble: the
// address is shown too.
func browse(url string) {
	opener := "xdg-open"
	switch {
	case runtime.GOOS == "darwin":
		opener = "open"
	case os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "":
		return
	}
	path, err := exec.LookPath(opener)
	if err != nil {
		return
	}
	cmd := exec.Command(path, url)
	apart(cmd)
	if cmd.Start() == nil {
		go cmd.Wait()
	}
}
