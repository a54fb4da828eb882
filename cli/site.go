package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gameday/reports"
	"gameday/runs"
)

// A site is the pages of a folder of runs. The folder is looked at anew for every
// page, as runs come and go.
type site struct {
	out     string
	writing chan struct{} // holds one: who writes a page from a record, which can take a gigabyte

	lock    sync.Mutex
	goodput map[string]share // by the run's name
}

// A share is the goodput of a record, and which version of it.
type share struct {
	size    int64
	written time.Time
	good    float64
}

// pageFile is the page of a run in its folder.
const pageFile = "report.html"

func newSite(out string) *http.ServeMux {
	s := &site{out: out, writing: make(chan struct{}, 1), goodput: map[string]share{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", s.index)
	mux.HandleFunc("/runs/{name}/{$}", s.run)
	mux.HandleFunc("/runs/{name}/{file}", s.file)
	mux.HandleFunc("/style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Write(reports.Style)
	})
	mux.HandleFunc("/favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		s.say(w, http.StatusNotFound, "Not here", "There is no such page.")
	})
	return mux
}

// say answers with a page of a sentence.
func (s *site) say(w http.ResponseWriter, code int, heading, says string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	reports.NoteHTML(w, heading, says) // who is gone misses nothing
}

// trouble answers where a page cannot be had.
func (s *site) trouble(w http.ResponseWriter, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		s.say(w, http.StatusNotFound, "Not here", "There is no such run, or no longer.")
		return
	}
	s.say(w, http.StatusInternalServerError, "This cannot be shown", err.Error())
}

func (s *site) index(w http.ResponseWriter, _ *http.Request) {
	x := reports.Index{Out: s.out, Now: time.Now()}
	shelf, err := runs.OpenShelf(s.out)
	if err == nil {
		defer shelf.Close()
		x.Goodput = func(name string) (float64, bool) { return s.goodputOf(shelf, name) }
		x.Runs, x.Others, err = shelf.List(x.Now)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // the first run makes the folder
		s.trouble(w, err)
		return
	}
	var page bytes.Buffer
	if err := reports.IndexHTML(&page, &x); err != nil {
		s.trouble(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page.Bytes())
}

// goodputOf reads the goodput of a record, once for every version of it.
func (s *site) goodputOf(shelf *runs.Shelf, name string) (float64, bool) {
	f, err := shelf.Open(name, runs.RunFile)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, false
	}
	s.lock.Lock()
	known, ok := s.goodput[name]
	s.lock.Unlock()
	if ok && known.size == info.Size() && known.written.Equal(info.ModTime()) {
		return known.good, true
	}
	good, offered, err := runs.ReadGoodput(f)
	if err != nil || offered == 0 {
		return 0, false
	}
	known = share{info.Size(), info.ModTime(), float64(good) / float64(offered)}
	s.lock.Lock()
	s.goodput[name] = known
	s.lock.Unlock()
	return known.good, true
}

// run answers with the page in a run's folder, or else writes one.
func (s *site) run(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	shelf, err := runs.OpenShelf(s.out)
	if err != nil {
		s.trouble(w, err)
		return
	}
	defer shelf.Close()
	found, err := shelf.Find(name, time.Now())
	if err != nil {
		s.trouble(w, err)
		return
	}
	if found.State == runs.Playing {
		w.Header().Set("Refresh", "5")
		s.say(w, http.StatusOK, name, "It is being played now. Its report will be here when it is over.")
		return
	}
	if f, err := shelf.Open(name, pageFile); err == nil {
		defer f.Close()
		s.send(w, r, f)
		return
	}
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-r.Context().Done():
		return
	}
	run, err := shelf.Load(name)
	if err != nil {
		s.trouble(w, err)
		return
	}
	runs.Judge(run)
	var page bytes.Buffer
	if err := reports.HTML(&page, run); err != nil {
		s.trouble(w, err)
		return
	}
	w.Header().Set("Content-Security-Policy", reportPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page.Bytes())
}

// file answers with one of the files that a play leaves.
func (s *site) file(w http.ResponseWriter, r *http.Request) {
	name, file := r.PathValue("name"), r.PathValue("file")
	shelf, err := runs.OpenShelf(s.out)
	if err != nil {
		s.trouble(w, err)
		return
	}
	defer shelf.Close()
	_, isRun := runs.ParseID(name)
	if _, known := types[file]; !known || !isRun {
		s.trouble(w, fmt.Errorf("no file of a run: %w", fs.ErrNotExist))
		return
	}
	f, err := shelf.Open(name, file)
	if err != nil {
		s.trouble(w, err)
		return
	}
	defer f.Close()
	s.send(w, r, f)
}

// types are what a browser is told of the files of a run that can be had, so that it
// runs nothing but the page.
var types = map[string]string{
	pageFile: "text/html; charset=utf-8", runs.RunFile: "application/json", runs.JournalFile: "text/plain; charset=utf-8",
	"report.txt": "text/plain; charset=utf-8", "report.md": "text/plain; charset=utf-8", "junit.xml": "text/plain; charset=utf-8",
}

// send answers with a file that was written by others.
func (s *site) send(w http.ResponseWriter, r *http.Request, f *os.File) {
	info, err := f.Stat()
	if err != nil {
		s.trouble(w, err)
		return
	}
	w.Header().Set("Content-Security-Policy", reportPolicy)
	w.Header().Set("Content-Type", types[filepath.Base(info.Name())])
	http.ServeContent(w, r, "", info.ModTime(), f)
}
