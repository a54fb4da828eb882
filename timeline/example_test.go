package timeline_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"gameday/timeline"
)

// Start a service, post as the most followed account, and read what that one
// sees at home.
func Example() {
	service, err := timeline.New(timeline.Options{Accounts: 1000, Seed: 48})
	if err != nil {
		log.Fatal(err)
	}
	defer service.Close()
	server := httptest.NewServer(service)
	defer server.Close()

	ask := func(method, path string, form url.Values) *http.Response {
		request, err := http.NewRequest(method, server.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			log.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+timeline.Token(48, 1))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			log.Fatal(err)
		}
		return response
	}
	posted := ask("POST", "/api/v1/statuses", url.Values{"status": {"Touchdown!"}})
	defer posted.Body.Close()
	home := ask("GET", "/api/v1/timelines/home?limit=2", nil)
	defer home.Body.Close()

	var statuses []struct {
		Content string
		Account struct {
			Username  string
			Followers int `json:"followers_count"`
		}
	}
	if err := json.NewDecoder(home.Body).Decode(&statuses); err != nil {
		log.Fatal(err)
	}
	fmt.Println(posted.Status)
	fmt.Println(len(statuses), statuses[0].Account.Username, statuses[0].Account.Followers, statuses[0].Content)
	// Output:
	// 200 OK
	// 2 user1 999 <p>Touchdown!</p>
}
