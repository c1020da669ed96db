// SPDX-License-Identifier: Apache-2.0 OR MIT
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.security.Security;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A peer on JSSE that takes many orders, as a JVM is slow to start. A line on stdin is an order, `ID serve WORD=VALUE...`,
 * `ID connect WORD=VALUE...` or `ID version`; its answer is a line on stdout, `ID` and a JSON object. Orders run side by side.
 *
 * Both: ca, cert and key (files), tls (1.2 or 1.3), suites, alpn (lists with commas), mode (page, echo; a client's steps is an
 * echo for each record). A server with a ca demands client certificates; its answer is its port. A client: port, visits, send
 * (a file); it remembers its sessions.
 * `everything`: what JSSE has, old versions and suites too, as far as its security properties let it.
 * `java Peer N`: JSSE renews the keys of TLS 1.3 after each 2^N bytes.
 */
public final class Peer {
    private Peer() {}

    public static void main(String[] words) throws IOException {
        if (words.length > 0) {
            String limit = " KeyUpdate 2^" + words[0];
            Security.setProperty("jdk.tls.keyLimits", "AES/GCM/NoPadding" + limit + ", ChaCha20-Poly1305" + limit);
        }
        ExecutorService pool = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        });
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
        for (String line = orders.readLine(); line != null; line = orders.readLine()) {
            String[] order = line.split(" ");
            pool.execute(() -> answer(order[0], carryOut(order)));
        }
    }

    private static synchronized void answer(String id, String json) {
        System.out.println(id + " " + json);
        System.out.flush();
    }

    private static String carryOut(String[] order) {
        try {
            Map<String, String> options = new HashMap<>();
            for (int i = 2; i < order.length; i++) {
                String[] pair = order[i].split("=", 2);
                options.put(pair[0], pair[1]);
            }
            switch (order[1]) {
                case "serve":
                    return "{\"port\": " + new Server(new Settings(options)).start() + "}";
                case "connect":
                    return "{\"visits\": " + new Client(new Settings(options)).visits() + "}";
                default:
                    return "{\"version\": \"" + System.getProperty("java.version") + "\"}";
            }
        } catch (Exception e) {
            return "{\"error\": \"" + e.toString().replaceAll("[\"\\\\\\p{Cntrl}]", " ") + "\"}";
        }
    }
}
