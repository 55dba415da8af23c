// SPDX-License-Identifier: Apache-2.0

// dial PATH: standard input goes to a unix socket, and what comes back is printed until the other side closes.
package main

import (
	"io"
	"log"
	"net"
	"os"
)

func main() {
	connection, err := net.Dial("unix", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	if _, err = io.Copy(connection, os.Stdin); err == nil {
		_, err = io.Copy(os.Stdout, connection)
	}
	if err != nil {
		log.Fatal(err)
	}
}
