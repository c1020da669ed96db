// SPDX-License-Identifier: Apache-2.0 OR MIT

package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"os"
)

// seen is a connection as its client saw it: one line of JSON, then what the server sent.
type seen struct {
	Version string `json:"version"`
	Suite   string `json:"suite"`
	Resumed bool   `json:"resumed"`
	Peer    string `json:"peer"`
}

func fetch(address string, c *tls.Config) {
	conn, err := tls.Dial("tcp", address, c)
	check(err)
	defer conn.Close()
	s := conn.ConnectionState()
	version := map[uint16]string{tls.VersionTLS12: "TLSv1.2", tls.VersionTLS13: "TLSv1.3"}[s.Version]
	check(json.NewEncoder(os.Stdout).Encode(seen{version, tls.CipherSuiteName(s.CipherSuite), s.DidResume,
		s.PeerCertificates[0].Subject.String()}))
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	check(err)
	_, err = io.Copy(os.Stdout, conn)
	check(err)
	os.Stdout.WriteString("\n")
}

// answer reads a request and sends a page that names the client.
func answer(conn *tls.Conn) {
	if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
		return
	}
	who := "nobody\n"
	if chain := conn.ConnectionState().PeerCertificates; len(chain) > 0 {
		who = chain[0].Subject.String() + "\n"
	}
	io.WriteString(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"+who)
}
