package dev.layercache.server.upstream.wire;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Whom TLS connections trust: the JDK's roots, and those of a file. */
final class TrustedRoots {
  private TrustedRoots() {}

  /**
   * A context for clients that verify the name of the host.
   *
   * @param file certificates in PEM, trusted beside the JDK's
   * @throws IOException if the file cannot be read or has no certificate
   */
  static SslContext context(Optional<Path> file) throws IOException {
    try {
      var builder =
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.JDK)
              .endpointIdentificationAlgorithm("HTTPS");
      if (file.isPresent()) {
        builder.trustManager(trusting(file.get()));
      }
      return builder.build();
    } catch (GeneralSecurityException e) {
      throw new IOException("CA file %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static TrustManagerFactory trusting(Path file)
      throws IOException, GeneralSecurityException {
    var roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    int count = 0;
    for (var manager : factory(null).getTrustManagers()) {
      if (manager instanceof X509TrustManager known) {
        for (var root : known.getAcceptedIssuers()) {
          roots.setCertificateEntry("jdk-" + count++, root);
        }
      }
    }
    int known = count;
    try (var in = Files.newInputStream(file)) {
      for (var root : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        roots.setCertificateEntry("file-" + count++, root);
      }
    }
    if (count == known) {
      throw new IOException("CA file %s has no certificate (expected: PEM)".formatted(file));
    }
    return factory(roots);
  }

  private static TrustManagerFactory factory(@Nullable KeyStore roots)
      throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(roots);
    return factory;
  }
}
