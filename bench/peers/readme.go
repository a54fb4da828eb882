package main

import (
	"fmt"
	"os"
	"strings"
)

// The lines around what the tables replace.
const (
	blockBegin = "<!-- peers:begin -->\n"
	blockEnd   = "<!-- peers:end -->\n"
)

// writeBlock puts block in the place of the one that the file has, or at its end.
func writeBlock(file, block string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading where the tables go: %w", err)
	}
	text, err := replaceBlock(string(old), block)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return fmt.Errorf("writing the tables: %w", err)
	}
	return nil
}

// replaceBlock returns text with what lies between the two marks replaced by
// block, and all else as it was. Text without marks gets them at its end.
func replaceBlock(text, block string) (string, error) {
	marked := blockBegin + block + blockEnd
	begins, ends := strings.Count(text, blockBegin), strings.Count(text, blockEnd)
	if begins == 0 && ends == 0 {
		if text != "" {
			text += "\n"
		}
		return text + marked, nil
	}
	before, rest, _ := strings.Cut(text, blockBegin)
	_, after, closed := strings.Cut(rest, blockEnd)
	if begins != 1 || ends != 1 || !closed {
		return "", fmt.Errorf("it wants %q once and then %q once, or neither",
			strings.TrimSpace(blockBegin), strings.TrimSpace(blockEnd))
	}
	return before + marked + after, nil
}
