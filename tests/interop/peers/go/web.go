// SPDX-License-Identifier: Apache-2.0 OR MIT

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// fetched is the answer to one request: a line of JSON.
type fetched struct {
	Status int    `json:"status"`
	URL    string `json:"url"`
	Proto  string `json:"proto"`
	HSTS   string `json:"hsts"`
	TLS    bool   `json:"tls"`
	Body   string `json:"body"`
}

// Every name is this machine.
func here(ctx context.Context, network, address string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
}

func tell(response *http.Response, err error) {
	check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	check(err)
	check(json.NewEncoder(os.Stdout).Encode(fetched{response.StatusCode, response.Request.URL.String(), response.Proto,
		response.Header.Get("Strict-Transport-Security"), response.TLS != nil, string(body)}))
}

// web fetches the URL, following where it is sent, and posts a megabyte of unknown length to /sink there.
// The client is as most programs in Go have it: it would speak HTTP/2 if that was agreed on.
func web(url string, c *tls.Config) {
	client := &http.Client{Timeout: 20 * time.Second,
		Transport: &http.Transport{DialContext: here, TLSClientConfig: c, ForceAttemptHTTP2: true}}
	response, err := client.Get(url)
	check(err)
	there := *response.Request.URL
	tell(response, nil)
	there.Path = "/sink"
	body := io.MultiReader(bytes.NewReader(bytes.Repeat([]byte("0123456789abcdef"), 1<<16)))
	response, err = client.Post(there.String(), "application/octet-stream", struct{ io.Reader }{body})
	tell(response, err)
}
