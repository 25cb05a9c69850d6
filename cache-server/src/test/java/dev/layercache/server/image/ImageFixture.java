package dev.layercache.server.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.blob.memory.MemoryBlobStore;
import dev.layercache.server.metadata.MemoryMetadataStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** Images on stores in memory, and short ways to fill them. */
public final class ImageFixture {
  public static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  public final BlobStore blobs = new MemoryBlobStore(1 << 30, CLOCK);
  public final MemoryMetadataStore metadata = new MemoryMetadataStore();
  public final Images images = new Images(blobs, metadata, CLOCK);

  /** Stores a blob under its SHA-256 digest. */
  public Descriptor blob(String mediaType, String content) throws IOException {
    return blob(mediaType, Digest.of(content.getBytes(UTF_8)), content);
  }

  public Descriptor blob(String mediaType, Digest digest, String content) throws IOException {
    byte[] bytes = content.getBytes(UTF_8);
    try (BlobUpload upload = blobs.begin(UploadHint.of(digest, bytes.length))) {
      upload.write(ByteBuffer.wrap(bytes));
      upload.commit(digest);
    }
    return new Descriptor(mediaType, digest, bytes.length);
  }

  public Descriptor layer(String content) throws IOException {
    return blob(MediaTypes.OCI_LAYER_GZIP, content);
  }

  public Descriptor config(String content) throws IOException {
    return blob(MediaTypes.OCI_CONFIG, content);
  }

  /** What {@link #layer} would return, without storing it. */
  public static Descriptor absentLayer(String content) {
    byte[] bytes = content.getBytes(UTF_8);
    return new Descriptor(MediaTypes.OCI_LAYER_GZIP, Digest.of(bytes), bytes.length);
  }

  /** Stores the blobs of a one-layer image; the image differs with its name. */
  public byte[] image(String name) throws IOException {
    return ManifestJson.manifest(config("{\"of\":\"" + name + "\"}"), layer("layer of " + name))
        .bytes();
  }

  public Descriptor put(String repository, byte[] manifest, String... tags) throws IOException {
    return images.put(repository, Optional.empty(), List.of(tags), manifest, "").descriptor();
  }

  /** Stores the blobs of an image, puts its manifest under its name as tag. */
  public Descriptor push(String repository, String name) throws IOException {
    return put(repository, image(name), name);
  }

  public List<String> tagNames(String repository) throws IOException {
    return images.tags(repository, "", Images.MAX_PAGE).orElseThrow().items().stream()
        .map(Tag::name)
        .toList();
  }
}
