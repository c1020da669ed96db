// SPDX-License-Identifier: Apache-2.0 OR MIT
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** What an order asks for, as JSSE wants it, and what client and server say of a connection. */
final class Settings {
    private static final char[] NO_PASSWORD = {};
    private final Map<String, String> options;
    /** Connections whose peer showed a chain in this handshake: a client's others are resumed. */
    private final Set<Socket> verified = ConcurrentHashMap.newKeySet();

    Settings(Map<String, String> options) {
        this.options = options;
    }

    String get(String name, String otherwise) {
        return options.getOrDefault(name, otherwise);
    }

    boolean has(String name) {
        return options.containsKey(name);
    }

    boolean shown(Socket socket) {
        return verified.contains(socket);
    }

    SSLContext context() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(has("cert") ? keys() : null, new TrustManager[] {trust()}, null);
        return context;
    }

    private KeyManager[] keys() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        Certificate[] chain = certificates("cert");
        String pem = Files.readString(Path.of(get("key", "")), StandardCharsets.US_ASCII);
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[^-]*-----", ""));
        PrivateKey key = KeyFactory.getInstance(chain[0].getPublicKey().getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(der));
        store.setKeyEntry("identity", key, NO_PASSWORD, chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private Certificate[] certificates(String name) throws Exception {
        try (InputStream in = Files.newInputStream(Path.of(get(name, "")))) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).toArray(new Certificate[0]);
        }
    }

    private TrustManager trust() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        if (has("ca")) {
            store.setCertificateEntry("ca", certificates("ca")[0]);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        if (!has("ca")) {
            factory.init((KeyStore) null);
        } else {
            factory.init(store);
        }
        return new Noting((X509ExtendedTrustManager) factory.getTrustManagers()[0]);
    }

    void apply(SSLSocket socket) {
        SSLParameters parameters = socket.getSSLParameters();
        if (has("tls")) {
            parameters.setProtocols(new String[] {"TLSv" + get("tls", "")});
        }
        if (has("everything")) {
            parameters.setProtocols(new String[] {"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"});
            parameters.setCipherSuites(socket.getSupportedCipherSuites());
        }
        if (has("suites")) {
            parameters.setCipherSuites(get("suites", "").split(","));
        }
        if (has("alpn")) {
            parameters.setApplicationProtocols(get("alpn", "").split(","));
        }
        socket.setSSLParameters(parameters);
    }

    /** Members of a JSON object. The certificates are those of the session, be it a resumed one. */
    static String describe(SSLSocket socket) {
        String subject = "";
        try {
            subject = ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSubjectX500Principal().getName();
        } catch (javax.net.ssl.SSLPeerUnverifiedException e) {
            subject = "";
        }
        return String.format("\"version\": \"%s\", \"suite\": \"%s\", \"alpn\": \"%s\", \"peer\": \"%s\"",
            socket.getSession().getProtocol(), socket.getSession().getCipherSuite(), socket.getApplicationProtocol(), subject);
    }

    /** The usual verification, which keeps a note of each chain that it saw. */
    private final class Noting extends X509ExtendedTrustManager {
        private final X509ExtendedTrustManager inner;

        Noting(X509ExtendedTrustManager inner) {
            this.inner = inner;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
            verified.add(socket);
            inner.checkServerTrusted(chain, type, socket);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
            verified.add(socket);
            inner.checkClientTrusted(chain, type, socket);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
            inner.checkServerTrusted(chain, type, engine);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
            inner.checkClientTrusted(chain, type, engine);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            inner.checkServerTrusted(chain, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            inner.checkClientTrusted(chain, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return inner.getAcceptedIssuers();
        }
    }
}
