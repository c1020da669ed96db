// SPDX-License-Identifier: Apache-2.0 OR MIT

package main

import (
	"crypto/tls"
	"reflect"
)

// retried reports ConnectionState.HelloRetryRequest, which Go has from 1.25 on; false before.
func retried(s tls.ConnectionState) bool {
	field := reflect.ValueOf(s).FieldByName("HelloRetryRequest")
	return field.IsValid() && field.Bool()
}
