// SPDX-License-Identifier: Apache-2.0 OR MIT

// A peer on Go's crypto/tls: a client that sends its standard input and prints what comes back, or a
// server that echoes. Both end their direction with close_notify and say on stderr what was negotiated.
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
)

var groups = map[string]tls.CurveID{
	"x25519": tls.X25519, "secp256r1": tls.CurveP256, "secp384r1": tls.CurveP384,
	// The code point: the name exists from Go 1.24 on.
	"X25519MLKEM768": tls.CurveID(0x11ec),
}

func config(group, ca, cert, key string) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS13, ServerName: "localhost"}
	if group != "" {
		c.CurvePreferences = []tls.CurveID{groups[group]}
	}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		check(err)
		c.RootCAs = x509.NewCertPool()
		c.RootCAs.AppendCertsFromPEM(pem)
	}
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		check(err)
		c.Certificates = []tls.Certificate{pair}
	}
	return c
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

func serve(address string, c *tls.Config) {
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
			io.Copy(conn, conn)
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
	group := flag.String("group", "", "the only group")
	ca := flag.String("ca", "", "trusted CA")
	cert := flag.String("cert", "", "certificate")
	key := flag.String("key", "", "key")
	listen := flag.String("listen", "", "serve here")
	connect := flag.String("connect", "", "connect there")
	flag.Parse()
	c := config(*group, *ca, *cert, *key)
	if *listen != "" {
		serve(*listen, c)
	}
	dial(*connect, c)
}
