// SPDX-License-Identifier: Apache-2.0 OR MIT

// One case of the limbo schema a line on standard input, the verdict of Go's crypto/x509 a line on standard output.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"
)

type peerName struct {
	Kind, Value string
}

type limboCase struct {
	ID            string    `json:"id"`
	Kind          string    `json:"validation_kind"`
	Trusted       []string  `json:"trusted_certs"`
	Intermediates []string  `json:"untrusted_intermediates"`
	Leaf          string    `json:"peer_certificate"`
	Time          time.Time `json:"validation_time"`
	Name          *peerName `json:"expected_peer_name"`
}

type verdict struct {
	ID      string `json:"id"`
	Result  string `json:"result"`
	Context string `json:"context"`
}

func parse(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no PEM block")
	}
	return x509.ParseCertificate(block.Bytes)
}

// What does not parse is left out, and said in the verdict of a failure.
func pool(texts []string, leftOut *string) *x509.CertPool {
	certs := x509.NewCertPool()
	for _, text := range texts {
		if cert, err := parse(text); err == nil {
			certs.AddCert(cert)
		} else {
			*leftOut += fmt.Sprintf("; left out: %v", err)
		}
	}
	return certs
}

func judge(c *limboCase) error {
	leftOut := ""
	usage := x509.ExtKeyUsageServerAuth
	if c.Kind == "CLIENT" {
		usage = x509.ExtKeyUsageClientAuth
	}
	options := x509.VerifyOptions{
		Roots:         pool(c.Trusted, &leftOut),
		Intermediates: pool(c.Intermediates, &leftOut),
		CurrentTime:   c.Time,
		KeyUsages:     []x509.ExtKeyUsage{usage},
	}
	leaf, err := parse(c.Leaf)
	if err != nil {
		return err
	}
	if c.Name != nil {
		options.DNSName = c.Name.Value
	}
	if _, err = leaf.Verify(options); err != nil && leftOut != "" {
		return fmt.Errorf("%w%s", err, leftOut)
	}
	return err
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var c limboCase
		v := verdict{Result: "SUCCESS"}
		err := json.Unmarshal(in.Bytes(), &c)
		if err == nil {
			err = judge(&c)
		}
		v.ID = c.ID
		if err != nil {
			v.Result, v.Context = "FAILURE", err.Error()
		}
		if out.Encode(v) != nil {
			os.Exit(1)
		}
	}
	if in.Err() != nil {
		os.Exit(1)
	}
}
