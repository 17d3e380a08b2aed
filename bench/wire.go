package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"time"
)

// signer makes v0 signatures (docs.slack.dev/authentication/verifying-requests-from-slack).
// It is not safe for concurrent use.
type signer struct {
	mac hash.Hash
	sum [sha256.Size]byte
	hex [2 * sha256.Size]byte
}

func newSigner(secret string) *signer {
	return &signer{mac: hmac.New(sha256.New, []byte(secret))}
}

// sign returns the signature without its "v0=" in a buffer that the next call
// overwrites.
func (s *signer) sign(timestamp, body []byte) []byte {
	s.mac.Reset()
	s.mac.Write([]byte("v0:"))
	s.mac.Write(timestamp)
	s.mac.Write([]byte{':'})
	s.mac.Write(body)
	hex.Encode(s.hex[:], s.mac.Sum(s.sum[:0]))
	return s.hex[:]
}

// requestHead is the part of a request before its body.
type requestHead struct {
	host, path, contentType string
}

// appendRequest appends a whole signed request. Writing it by hand keeps the
// generator's share of the machine small beside the servers'.
func (h requestHead) appendRequest(dst []byte, s *signer, now time.Time, body []byte) []byte {
	var stamp [20]byte
	timestamp := strconv.AppendInt(stamp[:0], now.Unix(), 10)
	dst = append(dst, "POST "...)
	dst = append(dst, h.path...)
	dst = append(dst, " HTTP/1.1\r\nHost: "...)
	dst = append(dst, h.host...)
	dst = append(dst, "\r\nUser-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\nAccept: */*\r\nContent-Type: "...)
	dst = append(dst, h.contentType...)
	dst = append(dst, "\r\nX-Slack-Request-Timestamp: "...)
	dst = append(dst, timestamp...)
	dst = append(dst, "\r\nX-Slack-Signature: v0="...)
	dst = append(dst, s.sign(timestamp, body)...)
	dst = append(dst, "\r\nContent-Length: "...)
	dst = strconv.AppendInt(dst, int64(len(body)), 10)
	dst = append(dst, "\r\n\r\n"...)
	return append(dst, body...)
}

// readResponse reads one response and throws its body away. It reports whether
// the server keeps the connection.
func readResponse(br *bufio.Reader) (status int, keep bool, err error) {
	line, err := br.ReadSlice('\n')
	if err != nil {
		return 0, false, fmt.Errorf("read status: %w", err)
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, false, errors.New("not an HTTP/1.1 response")
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, false, fmt.Errorf("read status: %w", err)
	}
	keep = true
	length, chunked := 0, false
	for {
		line, err = br.ReadSlice('\n')
		if err != nil {
			return 0, false, fmt.Errorf("read header: %w", err)
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte{':'})
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, false, fmt.Errorf("read length: %w", err)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("Connection")):
			keep = !bytes.EqualFold(value, []byte("close"))
		}
	}
	if !chunked {
		if _, err := br.Discard(length); err != nil {
			return 0, false, fmt.Errorf("read body: %w", err)
		}
		return status, keep, nil
	}
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return 0, false, fmt.Errorf("read chunk: %w", err)
		}
		size, err := strconv.ParseUint(string(bytes.TrimRight(line, "\r\n")), 16, 31)
		if err != nil {
			return 0, false, fmt.Errorf("read chunk: %w", err)
		}
		if _, err := br.Discard(int(size) + 2); err != nil {
			return 0, false, fmt.Errorf("read chunk: %w", noEOF(err))
		}
		if size == 0 {
			return status, keep, nil
		}
	}
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
