package dev.layercache.server.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.fill.OriginStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One repository that is a copy, and its origin on the heap, which remembers what it was asked. */
public final class TestOrigins implements Origins {
  public static final String COPY = "origin.example/team/app";
  public static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);

  private enum State {
    THERE,
    AWAY,
    DENYING
  }

  private final Map<String, Digest> tags = new ConcurrentHashMap<>();
  private final Map<Digest, Kept> contents = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile State state = State.THERE;
  private volatile CountDownLatch held = new CountDownLatch(0);

  private record Kept(String type, byte[] bytes) {}

  /** What an image consists of. */
  public record Image(Digest manifest, Digest config, Digest layer, String descriptor) {}

  public Image image(String tag, String text) {
    Digest config = put("{\"text\":\"%s\"}".formatted(text), MediaTypes.OCI_CONFIG);
    Digest layer = put(text.repeat(1000), MediaTypes.OCI_LAYER);
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
            .formatted(MediaTypes.OCI_MANIFEST, descriptor(config), descriptor(layer));
    Digest digest = put(manifest, MediaTypes.OCI_MANIFEST);
    tags.put(tag, digest);
    return new Image(digest, config, layer, descriptor(digest));
  }

  public Digest index(String tag, Image one, Image two) {
    String index =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s,%s]}"
            .formatted(MediaTypes.OCI_INDEX, one.descriptor(), two.descriptor());
    Digest digest = put(index, MediaTypes.OCI_INDEX);
    tags.put(tag, digest);
    return digest;
  }

  private Digest put(String content, String type) {
    Digest digest = Digest.of(content.getBytes(UTF_8));
    contents.put(digest, new Kept(type, content.getBytes(UTF_8)));
    return digest;
  }

  private Optional<Kept> kept(Digest digest) {
    return Optional.ofNullable(contents.get(digest));
  }

  private String descriptor(Digest digest) {
    var kept = kept(digest).orElseThrow();
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(kept.type(), digest, kept.bytes().length);
  }

  public void remove(String tag) {
    tags.remove(tag);
  }

  public void goAway() {
    state = State.AWAY;
  }

  public void deny() {
    state = State.DENYING;
  }

  public void comeBack() {
    state = State.THERE;
  }

  /** Answers wait for this. */
  public void holdUntil(CountDownLatch latch) {
    held = latch;
  }

  /** Requests for manifests: the method and the reference. */
  public List<String> asked() {
    return asked;
  }

  @Override
  public Optional<OriginRepository> of(String repository) {
    return repository.equals(COPY) ? Optional.of(new Repository()) : Optional.empty();
  }

  @Override
  public Optional<String> locate(Asked wanted) {
    return Optional.of(wanted.name());
  }

  private void requireThere() throws IOException {
    try {
      if (!held.await(30, TimeUnit.SECONDS)) {
        throw new IOException("held for too long");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    switch (state) {
      case THERE -> {}
      case AWAY -> throw new UnavailableException("origin.example is away");
      case DENYING -> throw new OriginDeniedException("origin.example denies it");
    }
  }

  private final class Repository implements OriginRepository {
    @Override
    public Optional<Digest> head(String tag) throws IOException {
      asked.add("HEAD " + tag);
      requireThere();
      return Optional.ofNullable(tags.get(tag));
    }

    @Override
    public Optional<OriginManifest> manifest(String reference) throws IOException {
      asked.add("GET " + reference);
      requireThere();
      var digest =
          reference.indexOf(':') < 0
              ? Optional.ofNullable(tags.get(reference))
              : Optional.of(Digest.parse(reference));
      return digest.flatMap(
          d -> kept(d).map(kept -> new OriginManifest(kept.type(), d, kept.bytes().clone())));
    }

    @Override
    public Duration tagTimeToLive() {
      return TIME_TO_LIVE;
    }

    @Override
    public boolean isAvailable() {
      return state != State.AWAY;
    }

    @Override
    public String name() {
      return COPY;
    }

    @Override
    public Optional<OriginStream> open(Digest digest, long offset) throws IOException {
      requireThere();
      return kept(digest).map(kept -> new Stream(kept.bytes(), offset));
    }
  }

  /** The rest of some bytes. */
  private static final class Stream implements OriginStream {
    private final long size;
    private final long offset;
    private final ReadableByteChannel rest;

    Stream(byte[] bytes, long offset) {
      this.size = bytes.length;
      this.offset = offset;
      this.rest =
          Channels.newChannel(
              new ByteArrayInputStream(bytes, (int) offset, bytes.length - (int) offset));
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public long offset() {
      return offset;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      return rest.read(target);
    }

    @Override
    public boolean isOpen() {
      return rest.isOpen();
    }

    @Override
    public void close() {
      try {
        rest.close();
      } catch (IOException e) {
        throw new AssertionError("closing bytes on the heap does not fail", e);
      }
    }
  }
}
