package harness

// scanChunks looks through the chunks that begin at b[at]. Next is where the
// chunks end if the state is whole, and where to go on if it is part.
func scanChunks(b []byte, at int) (next int, state state) {
	for {
		line, data := nextLine(b, at)
		if data < 0 {
			if len(b)-at > 10 {
				return at, odd
			}
			return at, part
		}
		size, ok := chunkSize(line)
		if !ok {
			return at, odd
		}
		end := data + size
		if end+2 > len(b) {
			return at, part
		}
		if b[end] != '\r' || b[end+1] != '\n' {
			return at, odd // behind the last one: a trailer
		}
		at = end + 2
		if size == 0 {
			return at, whole
		}
	}
}

// chunkSize reads the line before a chunk, if it is plain.
func chunkSize(line []byte) (size int, ok bool) {
	if len(line) < 2 || len(line) > 7 || line[len(line)-1] != '\r' {
		return 0, false
	}
	for _, c := range line[:len(line)-1] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		size = size<<4 | int(c)
	}
	return size, true
}

// joinChunks is what the chunks that scanChunks has understood hold.
func joinChunks(b []byte) []byte {
	var body []byte
	for at := 0; ; {
		line, data := nextLine(b, at)
		size, _ := chunkSize(line)
		if size == 0 {
			return body
		}
		body = append(body, b[data:data+size]...)
		at = data + size + 2
	}
}
