// SPDX-License-Identifier: Apache-2.0 OR MIT

//go:build ignore

// The known answer for ML-KEM-1024 in tests/unit/test_crypto_mlkem.c, by Go's own implementation (Go 1.26 or later):
//
//	go run tests/vectors/data/mlkem1024.go
//
// A hundred keys, encapsulations, decapsulations and implicit rejections out of one SHAKE128 stream, and the hash of all that came out, as in
// TestAccumulated of Go's crypto/mlkem, which does the same for ML-KEM-768. "go run … 768" gives the hash that is published there.
package main

import (
	"bytes"
	"crypto/mlkem"
	"crypto/mlkem/mlkemtest"
	"crypto/sha3"
	"fmt"
	"log"
	"os"
)

type scheme struct {
	ciphertext int
	// one key: its encapsulation key, an encapsulation to it, and its decapsulation
	key func(seed, m []byte) (ek, secret, ct []byte, decapsulate func([]byte) ([]byte, error))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

func key768(seed, m []byte) ([]byte, []byte, []byte, func([]byte) ([]byte, error)) {
	dk := must(mlkem.NewDecapsulationKey768(seed))
	secret, ct, err := mlkemtest.Encapsulate768(dk.EncapsulationKey(), m)
	must(ct, err)
	return dk.EncapsulationKey().Bytes(), secret, ct, dk.Decapsulate
}

func key1024(seed, m []byte) ([]byte, []byte, []byte, func([]byte) ([]byte, error)) {
	dk := must(mlkem.NewDecapsulationKey1024(seed))
	secret, ct, err := mlkemtest.Encapsulate1024(dk.EncapsulationKey(), m)
	must(ct, err)
	return dk.EncapsulationKey().Bytes(), secret, ct, dk.Decapsulate
}

func accumulated(s scheme) []byte {
	in, out := sha3.NewSHAKE128(), sha3.NewSHAKE128()
	seed, m, random, hash := make([]byte, mlkem.SeedSize), make([]byte, 32), make([]byte, s.ciphertext), make([]byte, 32)
	for range 100 {
		in.Read(seed)
		in.Read(m)
		ek, secret, ct, decapsulate := s.key(seed, m)
		out.Write(ek)
		out.Write(ct)
		out.Write(secret)
		if !bytes.Equal(must(decapsulate(ct)), secret) {
			log.Fatal("the two ends disagree")
		}
		in.Read(random)
		out.Write(must(decapsulate(random)))
	}
	out.Read(hash)
	return hash
}

func main() {
	s := scheme{mlkem.CiphertextSize1024, key1024}
	if len(os.Args) > 1 && os.Args[1] == "768" {
		s = scheme{mlkem.CiphertextSize768, key768}
	}
	fmt.Printf("%x\n", accumulated(s))
}
