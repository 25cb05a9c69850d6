package dev.layercache.server.grpc;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Platform;
import dev.layercache.server.blob.UploadInfo;
import dev.layercache.server.image.Inspection;
import dev.layercache.server.image.Tag;
import dev.layercache.v1.BlobDescriptor;
import dev.layercache.v1.InspectImageResponse;
import dev.layercache.v1.ListTagsResponse;
import dev.layercache.v1.ListUploadsResponse;

/** The domain's values as messages of {@code layercache.v1}. */
final class ImageMessages {
  private ImageMessages() {}

  static BlobDescriptor descriptor(Descriptor descriptor) {
    return BlobDescriptor.newBuilder()
        .setDigest(descriptor.digest().toString())
        .setSize(descriptor.size())
        .setMediaType(descriptor.mediaType())
        .build();
  }

  static ListTagsResponse.Tag tag(Tag tag) {
    return ListTagsResponse.Tag.newBuilder()
        .setName(tag.name())
        .setManifestDescriptor(descriptor(tag.manifest()))
        .setUpdatedMillis(tag.updated().toEpochMilli())
        .build();
  }

  static ListUploadsResponse.Upload upload(UploadInfo upload) {
    return ListUploadsResponse.Upload.newBuilder()
        .setId(upload.id().value())
        .setPosition(upload.position())
        .setUpdatedMillis(upload.updated().toEpochMilli())
        .build();
  }

  static InspectImageResponse inspection(Inspection inspection) {
    var response =
        InspectImageResponse.newBuilder()
            .setManifestDescriptor(descriptor(inspection.manifest().descriptor()))
            .setMore(!inspection.complete());
    inspection.images().forEach(image -> response.addImages(image(image)));
    return response.build();
  }

  private static InspectImageResponse.Image image(Inspection.Image image) {
    var message =
        InspectImageResponse.Image.newBuilder()
            .setManifestDescriptor(descriptor(image.manifest()))
            .setPlatform(image.platform().map(Platform::toString).orElse(""));
    image.config().ifPresent(config -> message.setConfig(descriptor(config)));
    for (var layer : image.layers()) {
      message
          .addLayersBuilder()
          .setBlob(descriptor(layer.blob()))
          .addAllSharedWith(layer.sharedWith().stream().map(ImageReference::toString).toList())
          .setSharedTotal(layer.sharedTotal());
    }
    return message.build();
  }
}
