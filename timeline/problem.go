package timeline

import "net/http"

// problem is a refusal: a status code and what the error field says.
type problem struct {
	code int
	text string
}

func badRequest(text string) *problem {
	return &problem{http.StatusBadRequest, text}
}

func unparsable() *problem {
	return badRequest("Error occurred while parsing request parameters")
}

func unauthorized() *problem {
	return &problem{http.StatusUnauthorized, "The access token is invalid"}
}

func notAllowed() *problem {
	return &problem{http.StatusForbidden, "This action is not allowed"}
}

func notFound(text string) *problem {
	return &problem{http.StatusNotFound, text}
}

func noRecord() *problem {
	return notFound("Record not found")
}

func wrongMethod() *problem {
	return &problem{http.StatusMethodNotAllowed, "Method not allowed"}
}

func bodyTooLarge() *problem {
	return &problem{http.StatusRequestEntityTooLarge, "The request body is larger than 1 MB"}
}

func unsupportedType() *problem {
	return &problem{http.StatusUnsupportedMediaType, "The body must be a form or JSON"}
}

func invalid(text string) *problem {
	return &problem{http.StatusUnprocessableEntity, "Validation failed: " + text}
}

func notUTF8() *problem {
	return invalid("Text must be UTF-8")
}

func unavailable(text string) *problem {
	return &problem{http.StatusServiceUnavailable, text}
}
