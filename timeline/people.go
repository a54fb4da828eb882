package timeline

import "strings"

// readLookup answers with the account of a name.
func (s *Service) readLookup(c *call) *problem {
	query, bad := c.query()
	if bad != nil {
		return bad
	}
	name, here := strings.CutSuffix(strings.TrimPrefix(query.Get("acct"), "@"), "@"+domain)
	digits, ok := strings.CutPrefix(name, "user")
	id := s.people.find(digits)
	if !ok || id == 0 || !here && strings.Contains(name, "@") {
		return noRecord()
	}
	c.out = s.appendAccount(c.out, id, false)
	return nil
}

// readRelationships answers with how the caller stands to each account asked for,
// leaving out those that are not there.
func (s *Service) readRelationships(c *call) *problem {
	query, bad := c.query()
	if bad != nil {
		return bad
	}
	asked := append(query["id[]"], query["id"]...)
	if len(asked) > 80 {
		return badRequest("At most 80 accounts can be asked for at once")
	}
	c.out = append(c.out, '[')
	for _, text := range asked {
		if id := s.people.find(text); id != 0 {
			if c.out[len(c.out)-1] != '[' {
				c.out = append(c.out, ',')
			}
			c.out = s.appendRelationship(c.out, c.viewer, id)
		}
	}
	c.out = append(c.out, ']')
	return nil
}
