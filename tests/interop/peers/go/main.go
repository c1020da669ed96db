// SPDX-License-Identifier: Apache-2.0 OR MIT

// A peer on Go's crypto/tls: a client that sends its standard input and prints what comes back, or a
// server that echoes. Both end their direction with close_notify and say on stderr what was negotiated.
// With -page they speak HTTP instead: see page.go. -url is the client of net/http: see web.go. -tls12 is TLS 1.2 alone.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
)

var groups = map[string]tls.CurveID{
	"x25519": tls.X25519, "secp256r1": tls.CurveP256, "secp384r1": tls.CurveP384,
	// The code point: the name exists from Go 1.24 on.
	"X25519MLKEM768": tls.CurveID(0x11ec),
}

func config(group, ca, cert, key string) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS13, ServerName: "localhost"}
	for _, name := range strings.Split(group, ",") {
		if name != "" {
			c.CurvePreferences = append(c.CurvePreferences, groups[name])
		}
	}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		check(err)
		c.RootCAs = x509.NewCertPool()
		c.RootCAs.AppendCertsFromPEM(pem)
		c.ClientCAs = c.RootCAs
	}
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		check(err)
		c.Certificates = []tls.Certificate{pair}
	}
	return c
}

func only12(c *tls.Config, suite string) {
	c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	for _, known := range tls.CipherSuites() {
		if known.Name == suite {
			c.CipherSuites = []uint16{known.ID}
		}
	}
}

func everything(c *tls.Config) {
	c.MinVersion = tls.VersionTLS10
	for _, known := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		c.CipherSuites = append(c.CipherSuites, known.ID)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func describe(c *tls.Conn) {
	s := c.ConnectionState()
	fmt.Fprintf(os.Stderr, "%s retry=%v\n", tls.CipherSuiteName(s.CipherSuite), retried(s))
}

func echo(conn *tls.Conn) {
	io.Copy(conn, conn)
}

func serve(address string, c *tls.Config, talk func(*tls.Conn)) {
	l, err := net.Listen("tcp", address)
	check(err)
	for {
		raw, err := l.Accept()
		check(err)
		go func() {
			defer raw.Close()
			conn := tls.Server(raw, c)
			if conn.Handshake() != nil {
				return
			}
			talk(conn)
			conn.CloseWrite()
		}()
	}
}

func dial(address string, c *tls.Config) {
	conn, err := tls.Dial("tcp", address, c)
	check(err)
	describe(conn)
	go func() {
		io.Copy(conn, os.Stdin)
		conn.CloseWrite()
	}()
	_, err = io.Copy(os.Stdout, conn)
	check(err)
}

func main() {
	group := flag.String("group", "", "the only groups")
	ca := flag.String("ca", "", "trusted CA")
	cert := flag.String("cert", "", "certificate")
	key := flag.String("key", "", "key")
	listen := flag.String("listen", "", "serve here")
	connect := flag.String("connect", "", "connect there")
	tls12 := flag.Bool("tls12", false, "TLS 1.2 alone")
	suite := flag.String("suite", "", "the only suite of TLS 1.2")
	mutual := flag.Bool("mutual", false, "demand a client certificate of that CA")
	old := flag.Bool("old", false, "every version and every suite there is")
	noTickets := flag.Bool("notickets", false, "no session tickets")
	page := flag.Int("page", 0, "speak HTTP; a client fetches that many pages and resumes")
	url := flag.String("url", "", "fetch this with net/http: see web.go")
	flag.Parse()
	c := config(*group, *ca, *cert, *key)
	if *url != "" {
		c.ServerName = ""
		web(*url, c)
		return
	}
	if *tls12 {
		only12(c, *suite)
	}
	if *old {
		everything(c)
	}
	c.SessionTicketsDisabled = *noTickets
	if *mutual {
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if *listen != "" && *page > 0 {
		serve(*listen, c, answer)
	} else if *listen != "" {
		serve(*listen, c, echo)
	} else if *page == 0 {
		dial(*connect, c)
	}
	c.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	for i := 0; i < *page; i++ {
		fetch(*connect, c)
	}
}
