# SPDX-License-Identifier: Apache-2.0 OR MIT
# cmake -DUNIT=… -DOUT=… -DTOOL=… -P: the unit, with the tool where it was installed to. What systemd would read otherwise than it
# stands there is quoted (systemd.unit(5), "Specifiers", and systemd.syntax(7)); a path with quotes in it it takes in no way.
cmake_minimum_required(VERSION 3.22)
string(REPLACE "//" "/" tool "${TOOL}")
string(REPLACE "%" "%%" tool "${tool}")
if(tool MATCHES " ")
    set(tool "\"${tool}\"")
endif()
file(READ "${UNIT}" text)
string(REPLACE "/usr/local/bin/handfast" "${tool}" text "${text}")
file(WRITE "${OUT}" "${text}")
