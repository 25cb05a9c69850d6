package dev.layercache.client.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.Manifest;
import dev.layercache.oci.ManifestParser;
import dev.layercache.oci.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A small real image: layers are tars of one file each, gzipped or not. */
public record TestImage(Descriptor root, Map<Digest, byte[]> blobs) {

  public static TestImage of(long seed, boolean gzip, int... layerBytes) throws IOException {
    var random = new Random(seed);
    var blobs = new LinkedHashMap<Digest, byte[]>();
    var layers = new ArrayList<String>();
    var diffIds = new ArrayList<String>();
    for (int i = 0; i < layerBytes.length; i++) {
      var content = new byte[layerBytes[i]];
      random.nextBytes(content);
      byte[] tar = tar(Map.of("file-" + i, content));
      diffIds.add('"' + Digest.of(tar).toString() + '"');
      byte[] layer = gzip ? gzip(tar) : tar;
      layers.add(
          json(gzip ? MediaTypes.OCI_LAYER_GZIP : MediaTypes.OCI_LAYER, put(blobs, layer), layer));
    }
    byte[] config =
        """
        {"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[%s]},\
        "history":[%s]}"""
            .formatted(
                String.join(",", diffIds),
                String.join(
                    ",",
                    layers.stream()
                        .map(l -> "{\"created\":\"2026-01-01T00:00:00Z\",\"created_by\":\"test\"}")
                        .toList()))
            .getBytes(StandardCharsets.UTF_8);
    byte[] manifest =
        """
        {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}"""
            .formatted(
                MediaTypes.OCI_MANIFEST,
                json(MediaTypes.OCI_CONFIG, put(blobs, config), config),
                String.join(",", layers))
            .getBytes(StandardCharsets.UTF_8);
    var root = new Descriptor(MediaTypes.OCI_MANIFEST, put(blobs, manifest), manifest.length);
    return new TestImage(root, Map.copyOf(blobs));
  }

  /** An index of images, one per architecture. */
  public static TestImage index(Map<String, TestImage> byArchitecture) {
    var blobs = new LinkedHashMap<Digest, byte[]>();
    var entries = new ArrayList<String>();
    byArchitecture.forEach(
        (architecture, image) -> {
          blobs.putAll(image.blobs);
          entries.add(
              """
              {"mediaType":"%s","digest":"%s","size":%d,"platform":{"os":"linux","architecture":"%s"}}"""
                  .formatted(
                      image.root.mediaType(),
                      image.root.digest(),
                      image.root.size(),
                      architecture));
        });
    byte[] index =
        """
        {"schemaVersion":2,"mediaType":"%s","manifests":[%s]}"""
            .formatted(MediaTypes.OCI_INDEX, String.join(",", entries))
            .getBytes(StandardCharsets.UTF_8);
    var root = new Descriptor(MediaTypes.OCI_INDEX, put(blobs, index), index.length);
    return new TestImage(root, Map.copyOf(blobs));
  }

  /** Writes it whole. */
  public void writeTo(ImageDestination destination, Optional<String> tag) throws IOException {
    for (var blob : blobs.entrySet()) {
      var descriptor = new Descriptor("", blob.getKey(), blob.getValue().length);
      try (var partial = destination.begin(descriptor)) {
        partial.write(ByteBuffer.wrap(blob.getValue()));
        partial.commit();
      }
    }
    destination.finish(root, tag);
  }

  /** Checks that a source has exactly this image's blobs, byte for byte. */
  public void assertIsIn(ImageSource source) throws IOException {
    assertThat(source.root().digest()).isEqualTo(root.digest());
    Map<Digest, byte[]> found = read(source);
    assertThat(found.keySet()).isEqualTo(blobs.keySet());
    found.forEach((digest, content) -> assertThat(Digest.of(content)).isEqualTo(digest));
  }

  /** Everything that a source has, by digest, found by walking its manifests. */
  static Map<Digest, byte[]> read(ImageSource source) throws IOException {
    var blobs = new LinkedHashMap<Digest, byte[]>();
    read(source, source.root(), blobs);
    return blobs;
  }

  private static void read(ImageSource source, Descriptor at, Map<Digest, byte[]> blobs)
      throws IOException {
    byte[] bytes = source.manifest(at);
    blobs.put(at.digest(), bytes);
    Manifest manifest = ManifestParser.parse(bytes, at.mediaType());
    for (Descriptor child : manifest.manifests()) {
      read(source, child, blobs);
    }
    for (Descriptor blob : manifest.references()) {
      if (!blobs.containsKey(blob.digest())) {
        try (var in = source.open(blob, 0)) {
          blobs.put(blob.digest(), in.readAllBytes());
        }
      }
    }
  }

  public static byte[] tar(Map<String, byte[]> files) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
      for (var file : files.entrySet()) {
        var entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        entry.setModTime(0);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  public static byte[] gzip(byte[] content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }

  private static Digest put(Map<Digest, byte[]> blobs, byte[] content) {
    Digest digest = Digest.of(content);
    blobs.put(digest, content);
    return digest;
  }

  private static String json(String mediaType, Digest digest, byte[] content) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(mediaType, digest, content.length);
  }
}
