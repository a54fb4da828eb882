package cli

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// freshMsg says that the picture has changed.
type freshMsg struct{}

// A model is a screen as Bubble Tea sees it. All state but the terminal's size is
// in the picture.
type model struct {
	screen        *screen
	width, height int
}

func (m model) Init() tea.Cmd { return nil }

func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		key := msg.String()
		return m, func() tea.Msg { // apart, as ending gameday waits for this very loop
			m.screen.press(key)
			return nil
		}
	}
	return m, nil
}

func (m model) View() tea.View {
	v := tea.NewView(strings.Join(m.screen.frame(m.width, m.height), "\n"))
	v.AltScreen = true
	v.DisableBracketedPasteMode = true
	return v
}
