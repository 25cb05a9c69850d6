package dev.layercache.load.images;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.util.List;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** Writes images as builders do (OCI image-spec): layers are tar files under gzip. */
final class LayoutWriter {
  private static final String TYPE = "application/vnd.oci.image.";

  private LayoutWriter() {}

  /**
   * A layer that lies in a file.
   *
   * @param digest of the file
   * @param diffId of the tar file within
   */
  record Layer(Path file, Digest digest, Digest diffId, long size) {}

  /** The tree below {@code root} as a layer; the same tree gives the same bytes. */
  static Layer layer(Path root, Path file) throws IOException, InterruptedException {
    var tar =
        new ProcessBuilder(
                List.of(
                    "tar",
                    "--sort=name",
                    "--mtime=@0",
                    "--numeric-owner",
                    "--one-file-system",
                    "-C",
                    root.toString(),
                    "-cf",
                    "-",
                    "."))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    var uncompressed = DigestAlgorithm.SHA256.newHash();
    var compressed = DigestAlgorithm.SHA256.newHash();
    try (var in = new DigestInputStream(tar.getInputStream(), uncompressed);
        OutputStream out =
            new GZIPOutputStream(
                new DigestOutputStream(Files.newOutputStream(file), compressed), 64 << 10)) {
      in.transferTo(out);
    }
    int exit = tar.waitFor();
    if (exit != 0) {
      throw new IOException("tar of %s ended with %d".formatted(root, exit));
    }
    return new Layer(
        file,
        Digest.of(DigestAlgorithm.SHA256, compressed),
        Digest.of(DigestAlgorithm.SHA256, uncompressed),
        Files.size(file));
  }

  /** An image of these layers, as the only one of a layout in {@code directory}. */
  static void image(Path directory, String tag, List<Layer> layers) throws IOException {
    var blobs = Files.createDirectories(directory.resolve("blobs/sha256"));
    for (var layer : layers) {
      Files.copy(
          layer.file(), blobs.resolve(layer.digest().hex()), StandardCopyOption.REPLACE_EXISTING);
    }
    var diffIds =
        layers.stream().map(layer -> '"' + layer.diffId().toString() + '"').collect(joined());
    var config =
        blob(
            blobs,
            """
            {"architecture":"amd64","os":"linux","config":{"Cmd":["/bin/sh"]},"rootfs":{"type":"layers","diff_ids":[%s]}}"""
                .formatted(diffIds));
    var described =
        layers.stream()
            .map(layer -> descriptor("layer.v1.tar+gzip", layer.digest(), layer.size(), ""))
            .collect(joined());
    var manifest =
        """
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}"""
            .formatted(
                descriptor("config.v1+json", config, Files.size(blobs.resolve(config.hex())), ""),
                described);
    var digest = blob(blobs, manifest);
    var name = ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"%s\"}".formatted(tag);
    Files.writeString(
        directory.resolve("index.json"),
        "{\"schemaVersion\":2,\"manifests\":[%s]}"
            .formatted(descriptor("manifest.v1+json", digest, manifest.length(), name)));
    Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
  }

  private static Collector<CharSequence, ?, String> joined() {
    return Collectors.joining(",");
  }

  private static Digest blob(Path blobs, String content) throws IOException {
    var bytes = content.getBytes(StandardCharsets.UTF_8);
    var digest = Digest.of(bytes);
    Files.write(blobs.resolve(digest.hex()), bytes);
    return digest;
  }

  private static String descriptor(String type, Digest digest, long size, String more) {
    return "{\"mediaType\":\"%s%s\",\"digest\":\"%s\",\"size\":%d%s}"
        .formatted(TYPE, type, digest, size, more);
  }
}
