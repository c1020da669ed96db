// SPDX-License-Identifier: Apache-2.0 OR MIT
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** Answers each request with a page that describes the connection, or sends back what comes. Lives as long as the JVM. */
final class Server {
    private final Settings settings;
    private final SSLServerSocket listener;

    Server(Settings settings) throws Exception {
        this.settings = settings;
        listener = (SSLServerSocket) settings.context().getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    }

    int start() {
        spawn(this::acceptAll);
        return listener.getLocalPort();
    }

    private static void spawn(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
    }

    private void acceptAll() {
        while (true) {
            try {
                SSLSocket socket = (SSLSocket) listener.accept();
                spawn(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(SSLSocket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            settings.apply(socket);
            socket.setNeedClientAuth(settings.has("ca"));
            if (settings.get("mode", "page").equals("echo")) {
                socket.getInputStream().transferTo(socket.getOutputStream());
            } else {
                page(socket);
            }
        } catch (IOException e) {
            // The visitor has an alert or a closed connection, and reports it.
            return;
        }
    }

    private static void page(SSLSocket socket) throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int octet = in.read();
            if (octet < 0) {
                return;
            }
            head.write(octet);
        }
        String body = "{" + Settings.describe(socket) + "}\n";
        String answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
        OutputStream out = socket.getOutputStream();
        out.write(answer.getBytes(StandardCharsets.ISO_8859_1));
    }
}
