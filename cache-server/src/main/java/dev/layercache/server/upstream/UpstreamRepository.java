package dev.layercache.server.upstream;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.oci.ManifestParser;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.fill.OriginStream;
import dev.layercache.server.mirror.OriginDeniedException;
import dev.layercache.server.mirror.OriginRepository;
import dev.layercache.server.upstream.Upstream.HttpHeader;
import dev.layercache.server.upstream.Upstream.Kind;
import dev.layercache.server.upstream.wire.HttpReply;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A repository of an upstream (OCI distribution-spec, "Pull"). Thread-safe, no state. */
final class UpstreamRepository implements OriginRepository {
  private static final Logger LOG = LoggerFactory.getLogger(UpstreamRepository.class);
  private static final String DIGEST_HEADER = "Docker-Content-Digest";
  private static final HttpHeader ACCEPT =
      new HttpHeader(
          "Accept",
          String.join(
              ", ",
              MediaTypes.OCI_INDEX,
              MediaTypes.OCI_MANIFEST,
              MediaTypes.DOCKER_MANIFEST_LIST,
              MediaTypes.DOCKER_MANIFEST));
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\\*)");

  private final Upstream upstream;
  private final String repository;

  /**
   * @param repository as the upstream calls it
   */
  UpstreamRepository(Upstream upstream, String repository) {
    this.upstream = upstream;
    this.repository = repository;
  }

  @Override
  public String name() {
    return upstream.host().name() + '/' + repository;
  }

  @Override
  public String group() {
    return upstream.host().name();
  }

  @Override
  public Duration tagTimeToLive() {
    return upstream.tagTimeToLive();
  }

  @Override
  public boolean isAvailable() {
    return upstream.isAvailable();
  }

  @Override
  public Optional<Digest> head(String tag) throws IOException {
    try (var reply = upstream.ask(Kind.MANIFEST, "HEAD", repository, "/manifests/" + tag, ACCEPT)) {
      reply.discard();
      if (reply.status() == 404) {
        return Optional.empty();
      }
      require(reply, 200);
      var declared = declared(reply);
      if (declared.isPresent()) {
        return declared;
      }
    }
    // The header is optional; then only the manifest itself tells.
    return manifest(tag).map(OriginManifest::digest);
  }

  @Override
  public Optional<OriginManifest> manifest(String reference) throws IOException {
    try (var reply =
        upstream.ask(Kind.MANIFEST, "GET", repository, "/manifests/" + reference, ACCEPT)) {
      if (reply.status() == 404) {
        reply.discard();
        return Optional.empty();
      }
      require(reply, 200);
      byte[] bytes = reply.readAll(ManifestParser.MAX_BYTES);
      var expected =
          reference.indexOf(':') < 0 ? declared(reply) : Optional.of(Digest.parse(reference));
      String type = reply.header("Content-Type").orElse("").split(";", 2)[0].strip();
      return Optional.of(new OriginManifest(type, verified(bytes, expected), bytes));
    } catch (UnavailableException | OriginDeniedException e) {
      throw e;
    } catch (IOException e) {
      throw new UnavailableException("%s: %s".formatted(name(), e.getMessage()), e);
    }
  }

  private Digest verified(byte[] bytes, Optional<Digest> expected) throws IOException {
    var algorithm = expected.map(Digest::algorithm).orElse(DigestAlgorithm.SHA256);
    var actual = Digest.fromBytes(algorithm, algorithm.newHash().digest(bytes));
    if (expected.isPresent() && !actual.equals(expected.get())) {
      LOG.error("upstream {} sent manifest {} in place of {}", name(), actual, expected.get());
      throw new UnavailableException(
          "%s sent a manifest with digest %s (expected: %s)"
              .formatted(name(), actual, expected.get()));
    }
    return actual;
  }

  private Optional<Digest> declared(HttpReply reply) throws IOException {
    var header = reply.header(DIGEST_HEADER);
    try {
      return header.map(Digest::parse);
    } catch (IllegalArgumentException e) {
      throw new UnavailableException("%s: %s".formatted(name(), e.getMessage()), e);
    }
  }

  @Override
  public Optional<OriginStream> open(Digest digest, long offset) throws IOException {
    String path = "/blobs/" + digest;
    var reply =
        offset == 0
            ? blob("GET", path)
            : blob("GET", path, new HttpHeader("Range", "bytes=%d-".formatted(offset)));
    try {
      switch (reply.status()) {
        case 404 -> {
          reply.discard();
          return Optional.empty();
        }
        case 200 -> {
          return Optional.of(new UpstreamStream(reply, 0, reply.contentLength().orElse(-1)));
        }
        case 206 -> {
          return Optional.of(ranged(reply, offset));
        }
        default -> throw unexpected(reply, "200 or 206");
      }
    } catch (IOException | RuntimeException e) {
      reply.close();
      throw e;
    }
  }

  private OriginStream ranged(HttpReply reply, long offset) throws IOException {
    String header = reply.header("Content-Range").orElse("");
    var range = CONTENT_RANGE.matcher(header);
    if (!range.matches() || Long.parseLong(range.group(1)) != offset) {
      throw new IOException(
          "%s answered Content-Range '%s' (expected: from byte %d)"
              .formatted(name(), header, offset));
    }
    String size = range.group(2);
    return new UpstreamStream(reply, offset, size.equals("*") ? -1 : Long.parseLong(size));
  }

  @Override
  public OptionalLong size(Digest digest) throws IOException {
    try (var reply = blob("HEAD", "/blobs/" + digest)) {
      reply.discard();
      if (reply.status() == 404) {
        return OptionalLong.empty();
      }
      require(reply, 200);
      return OptionalLong.of(reply.contentLength().orElse(-1));
    }
  }

  /** Trying again does not help where the upstream denies, so it says what ends a fill. */
  private HttpReply blob(String method, String path, HttpHeader... headers) throws IOException {
    try {
      return upstream.ask(Kind.BLOB, method, repository, path, headers);
    } catch (OriginDeniedException e) {
      throw new UnavailableException(String.valueOf(e.getMessage()), e);
    }
  }

  private void require(HttpReply reply, int status) throws IOException {
    if (reply.status() != status) {
      throw unexpected(reply, String.valueOf(status));
    }
  }

  private UnavailableException unexpected(HttpReply reply, String expected) {
    return new UnavailableException(
        "%s answered %d (expected: %s)".formatted(name(), reply.status(), expected));
  }
}
