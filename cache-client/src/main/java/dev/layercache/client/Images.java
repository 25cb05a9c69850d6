package dev.layercache.client;

import com.google.protobuf.UnsafeByteOperations;
import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Platform;
import dev.layercache.v1.BlobsGrpc;
import dev.layercache.v1.DeleteTagRequest;
import dev.layercache.v1.FindBlobsRequest;
import dev.layercache.v1.GetImageRequest;
import dev.layercache.v1.GetStatisticsRequest;
import dev.layercache.v1.ImagesGrpc;
import dev.layercache.v1.InspectImageRequest;
import dev.layercache.v1.InspectImageResponse;
import dev.layercache.v1.ListRepositoriesRequest;
import dev.layercache.v1.ListTagsRequest;
import dev.layercache.v1.ListUploadsRequest;
import dev.layercache.v1.PutImageRequest;
import dev.layercache.v1.ResolveTagRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The calls of {@code layercache.v1}. Thread-safe. */
final class Images {
  /** Most entries of one list, so that a list fits in memory. */
  static final int MAX_LISTED = 100_000;

  private static final int PAGE = 1_000;

  /** Blobs that a server looks for elsewhere too, in one question. */
  private static final int MAX_READABLE_NAMES = 100;

  private final Connection connection;

  Images(Connection connection) {
    this.connection = connection;
  }

  /**
   * A manifest and its descriptor.
   *
   * @param bytes verified; not copied
   */
  record Image(Descriptor descriptor, byte[] bytes) {}

  /**
   * Stores a manifest and moves tags to it.
   *
   * @throws LayercacheException {@link Kind#MISSING_BLOBS} if the server lacks what it names
   */
  void put(String repository, List<String> tags, Image image) throws LayercacheException {
    var response =
        connection.call(
            ImagesGrpc.getPutImageMethod(),
            PutImageRequest.newBuilder()
                .setRepository(repository)
                .addAllTags(tags)
                .setManifest(UnsafeByteOperations.unsafeWrap(image.bytes()))
                .setMediaType(image.descriptor().mediaType())
                .build());
    String expected = image.descriptor().digest().toString();
    if (!response.getDigest().equals(expected)) {
      throw new LayercacheException(
          Kind.FAILED,
          "manifest in %s: the server stored it as %s (expected: %s)"
              .formatted(repository, response.getDigest(), expected));
    }
  }

  /** A manifest by digest, tag or {@code latest}; verified against what the server says it is. */
  Image get(ImageReference reference) throws LayercacheException {
    var response =
        connection.call(
            ImagesGrpc.getGetImageMethod(),
            GetImageRequest.newBuilder()
                .setRepository(reference.repository())
                .setReference(reference.manifestReference())
                .build());
    Descriptor descriptor = WireNames.descriptor(response.getManifestDescriptor());
    requireAsked(reference, descriptor);
    var verifier = new BlobVerifier(descriptor);
    verifier.see(response.getManifest().asReadOnlyByteBuffer());
    verifier.verify();
    return new Image(descriptor, response.getManifest().toByteArray());
  }

  /** A manifest that another one names, under the descriptor it has there. */
  Image get(String repository, Descriptor child) throws LayercacheException {
    var reference = new ImageReference(repository, Optional.empty(), Optional.of(child.digest()));
    Image image = get(reference);
    if (image.bytes().length != child.size()) {
      throw new LayercacheException(
          Kind.CORRUPT,
          "manifest %s has %d bytes (expected: %d)"
              .formatted(reference, image.bytes().length, child.size()));
    }
    return new Image(child, image.bytes());
  }

  Descriptor resolve(ImageReference reference) throws LayercacheException {
    if (reference.digest().isPresent()) {
      return get(reference).descriptor();
    }
    var response =
        connection.call(
            ImagesGrpc.getResolveTagMethod(),
            ResolveTagRequest.newBuilder()
                .setRepository(reference.repository())
                .setTag(reference.tagOrDefault())
                .build());
    return WireNames.descriptor(response.getManifestDescriptor());
  }

  /** Which of these blobs there are, under their sizes; in the order given, without media types. */
  List<Descriptor> find(Collection<Digest> digests, boolean storedOnly) throws LayercacheException {
    var asked = List.copyOf(digests);
    var found = new ArrayList<Descriptor>();
    int most = storedOnly ? ContentAddressableStorage.MAX_NAMES : MAX_READABLE_NAMES;
    for (int from = 0; from < asked.size(); from += most) {
      int to = Math.min(from + most, asked.size());
      var request = FindBlobsRequest.newBuilder().setStoredOnly(storedOnly);
      asked.subList(from, to).forEach(digest -> request.addDigests(digest.toString()));
      var response = connection.call(BlobsGrpc.getFindBlobsMethod(), request.build());
      for (var blob : response.getBlobsList()) {
        found.add(WireNames.descriptor(blob));
      }
    }
    return found;
  }

  List<RepositoryInfo> repositories() throws LayercacheException {
    var all = new ArrayList<RepositoryInfo>();
    while (true) {
      var page =
          connection.call(
              ImagesGrpc.getListRepositoriesMethod(),
              ListRepositoriesRequest.newBuilder()
                  .setPageSize(PAGE)
                  .setLast(all.isEmpty() ? "" : all.get(all.size() - 1).name())
                  .build());
      page.getRepositoriesList()
          .forEach(found -> all.add(new RepositoryInfo(found.getName(), found.getTags())));
      requirePage("repositories", page.getMore() && page.getRepositoriesCount() == 0, all.size());
      if (!page.getMore()) {
        return List.copyOf(all);
      }
    }
  }

  List<TagInfo> tags(String repository) throws LayercacheException {
    var all = new ArrayList<TagInfo>();
    while (true) {
      var page =
          connection.call(
              ImagesGrpc.getListTagsMethod(),
              ListTagsRequest.newBuilder()
                  .setRepository(repository)
                  .setPageSize(PAGE)
                  .setLast(all.isEmpty() ? "" : all.get(all.size() - 1).name())
                  .build());
      for (var tag : page.getTagsList()) {
        all.add(
            new TagInfo(
                tag.getName(),
                WireNames.descriptor(tag.getManifestDescriptor()),
                Instant.ofEpochMilli(tag.getUpdatedMillis())));
      }
      requirePage("tags of " + repository, page.getMore() && page.getTagsCount() == 0, all.size());
      if (!page.getMore()) {
        return List.copyOf(all);
      }
    }
  }

  void deleteTag(String repository, String tag) throws LayercacheException {
    connection.call(
        ImagesGrpc.getDeleteTagMethod(),
        DeleteTagRequest.newBuilder().setRepository(repository).setTag(tag).build());
  }

  Statistics statistics() throws LayercacheException {
    var counted =
        connection.call(
            ImagesGrpc.getGetStatisticsMethod(), GetStatisticsRequest.getDefaultInstance());
    return new Statistics(
        counted.getBlobs(),
        counted.getBytesStored(),
        counted.getBytesReceived(),
        counted.getBytesSent(),
        counted.getHits(),
        counted.getMisses(),
        counted.getUploads(),
        Duration.ofMillis(counted.getUptimeMillis()),
        counted.getDamaged());
  }

  ImageInspection inspect(ImageReference reference) throws LayercacheException {
    var response =
        connection.call(
            ImagesGrpc.getInspectImageMethod(),
            InspectImageRequest.newBuilder()
                .setRepository(reference.repository())
                .setReference(reference.manifestReference())
                .build());
    var images = new ArrayList<ImageInspection.Image>();
    for (var image : response.getImagesList()) {
      images.add(image(image));
    }
    return new ImageInspection(WireNames.descriptor(response.getManifestDescriptor()), images);
  }

  private static ImageInspection.Image image(InspectImageResponse.Image image)
      throws LayercacheException {
    var layers = new ArrayList<ImageInspection.Layer>();
    for (var layer : image.getLayersList()) {
      layers.add(
          new ImageInspection.Layer(
              WireNames.descriptor(layer.getBlob()),
              layer.getSharedWithList(),
              layer.getSharedTotal()));
    }
    return new ImageInspection.Image(
        WireNames.descriptor(image.getManifestDescriptor()),
        platform(image.getPlatform()),
        image.hasConfig() ? Optional.of(WireNames.descriptor(image.getConfig())) : Optional.empty(),
        layers);
  }

  private static Optional<Platform> platform(String text) throws LayercacheException {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Platform.parse(text));
    } catch (IllegalArgumentException e) {
      throw new LayercacheException(
          Kind.FAILED, "the server sent a malformed " + e.getMessage(), e);
    }
  }

  List<UploadProgress> uploads() throws LayercacheException {
    return connection
        .call(
            ImagesGrpc.getListUploadsMethod(),
            ListUploadsRequest.newBuilder().setPageSize(PAGE).build())
        .getUploadsList()
        .stream()
        .map(
            upload ->
                new UploadProgress(
                    upload.getId(),
                    upload.getPosition(),
                    Instant.ofEpochMilli(upload.getUpdatedMillis())))
        .toList();
  }

  private static void requireAsked(ImageReference reference, Descriptor answered)
      throws LayercacheException {
    Digest asked = reference.digest().orElse(answered.digest());
    if (!asked.equals(answered.digest())) {
      throw new LayercacheException(
          Kind.CORRUPT,
          "image %s: the server answered with %s".formatted(reference, answered.digest()));
    }
  }

  private static void requirePage(String what, boolean stuck, int listed)
      throws LayercacheException {
    if (stuck || listed > MAX_LISTED) {
      throw new LayercacheException(
          Kind.FAILED,
          stuck
              ? "%s: the server says there is more but sends nothing".formatted(what)
              : "%s: %d or more (expected: at most %d)".formatted(what, listed, MAX_LISTED));
    }
  }
}
