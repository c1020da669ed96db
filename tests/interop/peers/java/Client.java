// SPDX-License-Identifier: Apache-2.0 OR MIT
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.StringJoiner;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Visits a server, once or several times with one memory of sessions. */
final class Client {
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    private static final int STEP = 16_000;
    private static final int PATIENCE_MS = 20_000;
    private final Settings settings;
    private final SSLContext context;
    private final byte[] data;

    Client(Settings settings) throws Exception {
        this.settings = settings;
        context = settings.context();
        data = settings.has("send") ? Files.readAllBytes(Path.of(settings.get("send", ""))) : REQUEST.getBytes(StandardCharsets.US_ASCII);
    }

    String visits() throws Exception {
        StringJoiner all = new StringJoiner(", ", "[", "]");
        for (int n = Integer.parseInt(settings.get("visits", "1")); n > 0; n--) {
            all.add(visit());
        }
        return all.toString();
    }

    private String visit() throws Exception {
        Socket plain = new Socket("127.0.0.1", Integer.parseInt(settings.get("port", "")));
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", plain.getPort(), true)) {
            socket.setSoTimeout(PATIENCE_MS);
            settings.apply(socket);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName("localhost")));
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            byte[] text = talk(socket, settings.get("mode", "page"));
            return String.format("{%s, \"resumed\": %b, \"text\": \"%s\"}", Settings.describe(socket), !settings.shown(socket),
                Base64.getEncoder().encodeToString(text));
        }
    }

    private byte[] talk(SSLSocket socket, String mode) throws Exception {
        switch (mode) {
            case "echo":
                return echoed(socket);
            case "steps":
                return stepped(socket);
            default:
                return fetched(socket);
        }
    }

    private byte[] fetched(SSLSocket socket) throws IOException {
        socket.getOutputStream().write(data);
        return socket.getInputStream().readAllBytes();
    }

    /** A record's worth at a time, each once the one before it has come back. */
    private byte[] stepped(SSLSocket socket) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int at = 0; at < data.length; at += STEP) {
            int n = Math.min(STEP, data.length - at);
            socket.getOutputStream().write(data, at, n);
            text.write(socket.getInputStream().readNBytes(n));
        }
        return text.toByteArray();
    }

    /** Our direction is closed before all has come back. */
    private byte[] echoed(SSLSocket socket) throws Exception {
        IOException[] failure = {null};
        Thread writer = new Thread(() -> {
            try {
                socket.getOutputStream().write(data);
                socket.shutdownOutput();
            } catch (IOException e) {
                failure[0] = e;
            }
        });
        writer.start();
        byte[] text = socket.getInputStream().readAllBytes();
        writer.join();
        if (failure[0] != null) {
            throw failure[0];
        }
        return text;
    }
}
